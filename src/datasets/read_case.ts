import { windowIntensities } from "../imaging/intensity.ts";
import { type ClassVoxels, countBeforeAndAfter } from "../imaging/small_structures.ts";
import type { Labelling } from "../imaging/labelling.ts";
import { fitSide, normalizeMr, resampleSabs } from "../imaging/preprocess.ts";
import { extremes, type Triple, type Volume } from "../imaging/volume.ts";
import { type RawNotes, readRawImage, readRawLabel } from "./raw_volumes.ts";

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
 * A case of SABS or the phantom, as the stages `window` and `resample` make it.
 *
 * @throws {UserError} if it cannot be used
 */
export async function readSabsCase(
  files: CasePaths,
  { window, grid, labelling }: {
    window: { lowerHU: number; upperHU: number };
    grid: { full: number; border: number; target: number; side: number };
    labelling: Labelling;
  },
  notes: RawNotes,
): Promise<ReadCase> {
  const raw = await readRawImage(files.image, notes);
  const { volume: label } = await readRawLabel(files.label, raw, { labelling, published: true }, notes);
  const windowed = { image: windowIntensities(raw, window, files.image), label };
  return readCase(raw, label, fitSide(resampleSabs(windowed, grid), grid.side));
}

/**
 * A case of CHAOST2 or CMR, as the stage `normalize` makes it of what has been read.
 *
 * @throws {UserError} if it cannot be used
 */
export function normalizedMrCase(
  raw: { image: Volume; label: Volume },
  recipe: { cutPercent: number; spacingMm: Triple; size: number },
  name: string,
): ReadCase {
  const { cutPercent, spacingMm: spacing, size } = recipe;
  return readCase(raw.image, raw.label, normalizeMr(raw, { cutPercent, spacing, size }, name));
}

function readCase(raw: Volume, rawLabel: Volume, { image, label }: { image: Volume; label: Volume }): ReadCase {
  const { size, spacing, affine } = raw;
  const voxels = countBeforeAndAfter(rawLabel, label);
  return { raw: { size, spacing, affine }, range: extremes(raw.data), image, label, voxels };
}
