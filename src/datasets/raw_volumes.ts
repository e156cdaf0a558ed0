import { stat } from "node:fs/promises";
import { extname } from "node:path";
import { UserError } from "../errors.ts";
import { type Grid, relate } from "../imaging/geometry.ts";
import { readDicom } from "../imaging/files/read_dicom.ts";
import { readDicomSeries, type SeriesChoice } from "../imaging/files/dicom_folder.ts";
import { seriesGrid } from "../imaging/io/dicom_series.ts";
import { readNifti, readNiftiHeader } from "../imaging/files/nifti_file.ts";
import { readPngPixels } from "../imaging/files/png_file.ts";
import { pngHeader } from "../imaging/io/png.ts";
import { labelValuesOn, listValues, type RawNotes, sayRelation, SOFT } from "../imaging/label_values.ts";
import { classNumbers, LabelFault, type Labelling } from "../imaging/labelling.ts";
import { orient } from "../imaging/orient.ts";
import type { Volume } from "../imaging/volume.ts";

/** For readers of which the header has been looked at before. */
export function voxelNotes(warn: (message: string) => void): RawNotes {
  return { header: () => {}, voxels: warn };
}

/** Tells everything. */
export function allNotes(warn: (message: string) => void): RawNotes {
  return { header: warn, voxels: warn };
}

/** Forms of raw files. */
export type RawKind = "dicom" | "png" | "nifti";

/** What a raw file is: a folder holds a DICOM series, pictures end in `.png`, everything else has to be NIfTI. */
export async function rawKindOf(path: string): Promise<RawKind> {
  if (await stat(path).then((found) => found.isDirectory(), () => false)) return "dicom";
  return extname(path).toLowerCase() === ".png" ? "png" : "nifti";
}

/** A picture lies with its first row at the top: columns to the right, rows down, 1 mm a pixel. */
function pictureGrid(width: number, height: number): Grid {
  const affine = [1, 0, 0, 0, 0, -1, 0, height - 1, 0, 0, 1, 0, 0, 0, 0, 1];
  return { size: [width, height, 1], spacing: [1, 1, 1], affine };
}

/**
 * The grid of a raw image or label, by its header alone: a NIfTI file, a PNG, or a folder with a DICOM series.
 *
 * @throws {UserError} if it cannot be read
 */
export async function readRawGrid(path: string, warn: (message: string) => void): Promise<Grid> {
  switch (await rawKindOf(path)) {
    case "dicom":
      return seriesGrid(await readDicomSeries(path));
    case "png": {
      const bytes = await Deno.readFile(path).catch(() => refuseMissing(path));
      const { width, height } = pngHeader(bytes, path);
      return pictureGrid(width, height);
    }
    case "nifti": {
      const { size, spacing, affine, warnings } = await readNiftiHeader(path);
      for (const warning of warnings) warn(`"${path}": ${warning}`);
      return { size, spacing, affine };
    }
  }
}

function refuseMissing(path: string): never {
  throw new UserError("data", `Cannot read "${path}": expected a file, found none`);
}

/**
 * A raw image. Voxels that are not finite become the lowest finite value.
 *
 * @param series which one of a folder with several
 * @throws {UserError} if it cannot be read
 */
export async function readRawImage(path: string, notes: RawNotes, series: SeriesChoice = {}): Promise<Volume> {
  switch (await rawKindOf(path)) {
    case "dicom": {
      const { volume, warnings } = await readDicom(path, series);
      for (const warning of warnings) notes.voxels(`"${path}": dcm2niix: ${warning}`);
      return volume;
    }
    case "png": {
      const { width, height, data } = await readPngPixels(path, { labels: false, warn: notes.voxels });
      return { data, ...pictureGrid(width, height) };
    }
    case "nifti":
      return await readNifti(path, { onHeader: notes.header, onVoxels: notes.voxels, notFinite: "lowest" });
  }
}

/** How labels are brought to their image. */
export interface LabelOptions {
  /** Which stored value is which class. */
  labelling: Labelling;
  /** Whether the set is published: its scripts read labels that are stored in another order unturned. */
  published: boolean;
  /** What a user can do about a value that is no class. */
  wayOut?: string;
}

/**
 * Raw labels as class numbers, in the order of their image's voxels (docs/command-line.md, "Labels"). Voxels that are
 * not finite are background.
 *
 * @param image grid of the image
 * @returns the labels on the image's grid; `changed` unless the file holds just that
 * @throws {UserError} if they cannot be read, lie on another grid, or hold other values
 */
export async function readRawLabel(
  path: string,
  image: Grid,
  options: LabelOptions,
  notes: RawNotes,
): Promise<{ volume: Volume; changed: boolean }> {
  const { stored, turned } = await readTurnedLabel(path, image, options, notes);
  try {
    const { volume, rounded } = classNumbers(turned, options.labelling);
    if (rounded.length > 0) {
      notes.voxels(`"${path}": label values ${listValues(rounded)} are taken for the whole numbers next to them`);
    }
    const { size, spacing, affine } = image;
    return { volume: { data: volume.data, size, spacing, affine }, changed: volume !== stored };
  } catch (error) {
    if (!(error instanceof LabelFault)) throw error;
    throw new UserError("data", labelFault(path, error, options));
  }
}

/**
 * Raw labels as whole numbers, whatever they are, in the order of their image's voxels. Voxels that are not finite are
 * background.
 *
 * @param image grid of the image
 * @throws {UserError} if they cannot be read, lie on another grid, or are no label map
 */
export async function readLabelValues(path: string, image: Grid, notes: RawNotes): Promise<Volume> {
  return labelValuesOn(image, await readStoredLabel(path, notes), { name: path, notes });
}

/** Labels as they are stored, and in the order of their image's voxels. */
async function readTurnedLabel(
  path: string,
  image: Grid,
  { published }: Pick<LabelOptions, "published">,
  notes: RawNotes,
): Promise<{ stored: Volume; turned: Volume }> {
  const stored = await readStoredLabel(path, notes);
  const relation = relate(image, stored);
  sayRelation(path, { image, label: stored, relation }, { published, warn: notes.header });
  return { stored, turned: relation.kind === "turned" ? orient(stored, relation.orientation) : stored };
}

async function readStoredLabel(path: string, notes: RawNotes): Promise<Volume> {
  if (await rawKindOf(path) === "png") {
    const { width, height, data } = await readPngPixels(path, { labels: true, warn: notes.voxels });
    return { data, ...pictureGrid(width, height) };
  }
  return await readNifti(path, { onHeader: notes.header, onVoxels: notes.voxels, notFinite: "background" });
}

function labelFault(path: string, { found, isSoft }: LabelFault, { labelling, wayOut }: LabelOptions): string {
  const { values, ignore } = labelling;
  const expected = [...values, ...ignore === undefined ? [] : [ignore]].sort((a, b) => a - b);
  const soft = isSoft ? SOFT : wayOut ? `. ${wayOut}` : "";
  return `Cannot use "${path}": expected label values ${listValues(expected)}, found ${listValues(found)}${soft}`;
}
