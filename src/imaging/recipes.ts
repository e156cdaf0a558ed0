import type { Frame } from "./cohort.ts";
import type { Recipe } from "./recipe.ts";
import type { Triple } from "./volume.ts";

/** The published CT of SABS in its two stages, then the side of the network (docs/reference/preprocessing.md, 4). */
export function sabsRecipe(
  { lowerHU, upperHU }: { lowerHU: number; upperHU: number },
  { full, border, target, side }: {
    /** Side of a raw slice in voxels. */
    full: number;
    /** Voxels that are cut off on every side. */
    border: number;
    /** Voxels that are left of a side. */
    target: number;
    /** Side of the network. */
    side: number;
  },
): { window: Recipe; resample: Recipe } {
  return {
    window: [{ step: "window", lowerHU, upperHU }],
    resample: [
      { step: "border", voxels: border },
      { step: "scale", factor: (full - 2 * border) / target },
      { step: "square", side },
    ],
  };
}

/** The published MR of CHAOST2 and CMR (docs/reference/preprocessing.md, 5.3 and 6). */
export function mrRecipe(
  { cutPercent, spacingMm, size }: {
    /** Share of the voxels above the cut, in percent. */
    cutPercent: number;
    /** New spacing in mm. */
    spacingMm: Triple;
    /** Side of the square in voxels. */
    size: number;
  },
): Recipe {
  return [
    { step: "cut", percent: cutPercent },
    { step: "resample", spacingMm },
    { step: "square", side: size },
  ];
}

/** A user's own cohort (docs/command-line.md, "`custom`: a user's own data"). */
export function customRecipe(
  { intensity, frame, inPlaneMm, sliceSpacingMm, side }: {
    /** A window in HU, or the share of the highest intensities that are cut, in percent. */
    intensity: { lowerHU: number; upperHU: number } | { cutPercent: number };
    /** The axes that all cases are brought to. */
    frame: Frame;
    /** In-plane spacing in mm of cases of several slices. */
    inPlaneMm: number;
    /** Slice spacing in mm; as it is where `null`. */
    sliceSpacingMm: number | null;
    /** Side of a slice in voxels. */
    side: number;
  },
): Recipe {
  return [
    "cutPercent" in intensity
      ? { step: "cut", percent: intensity.cutPercent }
      : { step: "window", lowerHU: intensity.lowerHU, upperHU: intensity.upperHU },
    { step: "orient", frame },
    { step: "fit", inPlaneMm, sliceSpacingMm, side },
  ];
}
