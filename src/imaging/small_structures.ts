import { countClassVoxels, IGNORED } from "./labelling.ts";
import { applyToLabel, mapOfRecipe, type Recipe } from "./recipe.ts";
import type { Volume } from "./volume.ts";

/** Voxels of one class in one case, before and after it was resampled. */
export interface ClassVoxels {
  /** Class number. */
  label: number;
  /** In the file. */
  before: number;
  /** After resampling. */
  after: number;
  /** Of a class that is lost: what would keep some of it. */
  keptBy?: Keepers;
}

/** What would keep a class that is lost. */
export interface Keepers {
  /** The smallest side of a slice of those tried; none where even the file's own spacing is too large. */
  side?: number;
  /** The smallest preset. */
  preset?: string;
}

/** Sides of slices of the presets above `tiny`, smallest first. */
const PRESET_SIDES: readonly (readonly [name: string, side: number])[] = [["laptop", 129], ["paper", 257]];

/** How much larger the next side that is tried is, and up to which. */
const STEP = 1.1, LARGEST_SIDE = 1024;

/** Counts every class of a case in its file and after resampling. */
export function countBeforeAndAfter(label: Volume, resampled: Volume): ClassVoxels[] {
  const before = countClassVoxels(label.data), after = countClassVoxels(resampled.data);
  const classes = [...before.keys()].filter((number) => number !== 0 && number !== IGNORED).sort((a, b) => a - b);
  return classes.map((number) => ({ label: number, before: before.get(number)!, after: after.get(number) ?? 0 }));
}

/**
 * The same, with what would keep those that are lost.
 *
 * @param recipe that brings a case to the network; one with a step `fit`
 */
export function voxelsOfClasses(label: Volume, normalized: Volume, recipe: Recipe): ClassVoxels[] {
  return countBeforeAndAfter(label, normalized).map((counts) =>
    counts.after > 0 ? counts : { ...counts, keptBy: keepersOf(label, counts.label, recipe) }
  );
}

function keepersOf(label: Volume, number: number, recipe: Recipe): Keepers {
  const alone = { ...label, data: Uint8Array.from(label.data, (value) => Number(value === number)) };
  const given = recipe.find((step) => step.step === "fit")!.side;
  // the field of view stays, so the voxels get smaller
  const finer = (side: number): Recipe =>
    recipe.map((step) => step.step === "fit" ? { ...step, side, inPlaneMm: step.inPlaneMm * given / side } : step);
  const survives = (side: number) => countClassVoxels(applyToLabel(finer(side), alone).data).has(1);
  const preset = PRESET_SIDES.find(([, side]) => side > given && survives(side))?.[0];
  for (let side = given + 1; side <= LARGEST_SIDE; side = Math.ceil(side * STEP)) {
    if (survives(side)) return { side, preset };
    const { axes, scale } = mapOfRecipe(finer(side), label).map;
    const inPlaneMm = label.spacing[axes[0]] / Math.abs(scale[0]);
    if (inPlaneMm < Math.min(...label.spacing) / 2) break; // finer than the file itself
  }
  return { preset };
}

/** What would keep a class that resampling loses, in words. */
export function wayToKeep({ keptBy }: Pick<ClassVoxels, "keptBy">): string {
  const { side, preset } = keptBy ?? {};
  const ways = [side && `--set network.image=${side}`, preset && `--preset ${preset}`].filter((way) => way);
  return ways.length > 0 ? `${ways.join(" or ")} would keep it` : "no larger side of a slice keeps it";
}
