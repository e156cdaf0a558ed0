import type { Triple } from "../imaging/volume.ts";

/** Class names of CHAOST2 by label value (docs/reference/preprocessing.md, 2). */
export const CHAOST2_CLASSES: readonly string[] = ["BG", "LIVER", "RK", "LK", "SPLEEN"];

/** Grey levels of the ground truth, in the order of the classes. */
export const CHAOST2_GREY_LEVELS: readonly number[] = [0, 63, 126, 189, 252];

/** Label values that are tested. */
export const CHAOST2_TEST_LABELS: readonly number[] = [1, 2, 3, 4];

/** Case numbers of the training half of CHAOS MR, in numeric order, on whose positions the published folds rest. */
export const CHAOST2_IDS: readonly string[] = [
  ...["1", "2", "3", "5", "8", "10", "13", "15", "19", "20"],
  ...["21", "22", "31", "32", "33", "34", "36", "37", "38", "39"],
];

/** Voxel spacing in mm after normalisation, and the side of a slice there (docs/reference/preprocessing.md, 5.3). */
export const CHAOST2_GRID: Readonly<{ spacingMm: Readonly<Triple>; side: number }> = {
  spacingMm: [1.25, 1.25, 7.7],
  side: 256,
};
