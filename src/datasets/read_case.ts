import { type ClassVoxels, countBeforeAndAfter } from "../imaging/small_structures.ts";
import type { Labelling } from "../imaging/labelling.ts";
import { applyToImage, applyToLabel, type Recipe } from "../imaging/recipe.ts";
import { extremes, type Volume } from "../imaging/volume.ts";
import { readRawImage, readRawLabel } from "./raw_volumes.ts";
import type { RawNotes } from "../imaging/label_values.ts";

/** A case as the pipeline's stages make it of its files. */
export interface ReadCase {
  /** The raw image's grid. */
  raw: Pick<Volume, "size" | "spacing" | "affine">;
  /** Lowest and highest raw intensity. */
  range: { lowest: number; highest: number };
  /** The image as it is trained on. */
  image: Volume;
  /** Class numbers on its grid, if the case has labels. */
  label?: Volume;
  /** Voxels of every class before and after resampling. */
  voxels: ClassVoxels[];
}

/** Paths of a case's files. */
export interface CasePaths {
  /** Its image. */
  image: string;
  /** Its labels. */
  label: string;
}

/**
 * A case of a published set with its labels, as the stages make it.
 *
 * @throws {UserError} if it cannot be used
 */
export async function readPublishedCase(
  files: CasePaths,
  { recipe, labelling }: { recipe: Recipe; labelling: Labelling },
  notes: RawNotes,
): Promise<ReadCase> {
  const image = await readRawImage(files.image, notes);
  const { volume: label } = await readRawLabel(files.label, image, { labelling, published: true }, notes);
  return preparedCase({ image, label }, recipe, files.image);
}

/**
 * A case that has been read, brought to the network.
 *
 * @param name of the image's file, for messages
 * @throws {UserError} if it cannot be used
 */
export function preparedCase(raw: { image: Volume; label: Volume }, recipe: Recipe, name: string): ReadCase {
  const image = applyToImage(recipe, raw.image, name), label = applyToLabel(recipe, raw.label);
  return readCase(raw.image, raw.label, { image, label });
}

function readCase(raw: Volume, rawLabel: Volume, { image, label }: { image: Volume; label: Volume }): ReadCase {
  const { size, spacing, affine } = raw;
  const voxels = countBeforeAndAfter(rawLabel, label);
  return { raw: { size, spacing, affine }, range: extremes(raw.data), image, label, voxels };
}
