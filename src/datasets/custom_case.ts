import { oddIntensities } from "../imaging/intensity_checks.ts";
import type { Labelling } from "../imaging/labelling.ts";
import { applyToImage, applyToLabel, type Recipe } from "../imaging/recipe.ts";
import { countBeforeAndAfter, voxelsOfClasses, wayToKeep } from "../imaging/small_structures.ts";
import { extremes } from "../imaging/volume.ts";
import type { ReadCase } from "./read_case.ts";
import { readRawImage, readRawLabel } from "./raw_volumes.ts";
import type { RawNotes } from "../imaging/label_values.ts";

/** All that brings a user's own case to the network. */
export interface CustomCaseOptions {
  /** How it is brought to the network. */
  recipe: Recipe;
  /** Which stored label value is which class. */
  labelling: Labelling;
  /** Names of the classes by number. */
  classes: readonly string[];
}

/** What a user can do about a label value that dataset.json does not name. */
const NAME_IT = 'Name every value in "labels" of dataset.json';

/**
 * Reads a user's own case and brings it to the common form (docs/command-line.md, "`custom`: a user's own data").
 * `verify` and the stage that makes the files do just this.
 *
 * @param files path of the image and of the labels, if there are some
 * @throws {UserError} if the case cannot be used
 */
export async function readCustomCase(
  files: { image: string; label?: string },
  options: CustomCaseOptions,
  notes: RawNotes,
): Promise<ReadCase> {
  const raw = await readRawImage(files.image, notes);
  const rawLabel = files.label === undefined ? undefined : (await readRawLabel(files.label, raw, {
    labelling: options.labelling,
    published: false,
    wayOut: NAME_IT,
  }, notes)).volume;
  const { recipe, classes } = options;
  const window = recipe.find((step) => step.step === "window");
  const windowHU = window && [window.lowerHU, window.upperHU] as const;
  for (const odd of oddIntensities(raw, rawLabel, windowHU)) notes.voxels(`"${files.image}": ${odd}`);
  const image = applyToImage(recipe, raw, files.image);
  const label = rawLabel && applyToLabel(recipe, rawLabel);
  const voxels = rawLabel && label ? voxelsOfClasses(rawLabel, label, recipe) : [];
  for (const { label: number, before, after, keptBy } of voxels) {
    if (after > 0) continue;
    notes.voxels(
      `"${files.label}": class "${classes[number]}" is lost: of ${before} voxels none is left on the grid of ` +
        `${image.spacing.map((mm) => Number(mm.toPrecision(3))).join(" × ")} mm; ${wayToKeep({ keptBy })}`,
    );
  }
  const { size, spacing, affine } = raw;
  return { raw: { size, spacing, affine }, range: extremes(raw.data), image, label, voxels };
}

/** A case of a cohort that has no common form: what its files hold, as they are. */
export async function readRawCase(
  files: { image: string; label?: string },
  { labelling }: Pick<CustomCaseOptions, "labelling">,
  notes: RawNotes,
): Promise<ReadCase> {
  const image = await readRawImage(files.image, notes);
  const options = { labelling, published: false, wayOut: NAME_IT };
  const label = files.label === undefined ? undefined : (await readRawLabel(files.label, image, options, notes)).volume;
  const voxels = label ? countBeforeAndAfter(label, label) : [];
  return { raw: image, range: extremes(image.data), image, label, voxels };
}
