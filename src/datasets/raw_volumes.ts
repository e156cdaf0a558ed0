import { stat } from "node:fs/promises";
import { extname } from "node:path";
import { UserError } from "../errors.ts";
import { type Grid, type Orientation, relate, type Relation } from "../imaging/geometry.ts";
import { readDicom } from "../imaging/io/dicom.ts";
import { readDicomSeries, type SeriesChoice, seriesGrid } from "../imaging/io/dicom_series.ts";
import { readNifti, readNiftiHeader } from "../imaging/io/nifti.ts";
import { pngHeader, readPngPixels } from "../imaging/io/png.ts";
import { classNumbers, LabelFault, type Labelling, MOST_VALUES, valuesOf, wholeLabel } from "../imaging/labelling.ts";
import { orient } from "../imaging/orient.ts";
import type { Volume, VoxelArray } from "../imaging/volume.ts";

/** Who is told what about a raw file. */
export interface RawNotes {
  /** What its header contradicts, and how it lies to its partner. */
  header(message: string): void;
  /** What only its voxels show. */
  voxels(message: string): void;
}

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
      notes.voxels(`"${path}": label values ${list(rounded)} are taken for the whole numbers next to them`);
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
  const { turned } = await readTurnedLabel(path, image, { published: false }, notes);
  const found = [...valuesOf(turned)].sort((a, b) => a - b);
  const soft = found.filter((value) => wholeLabel(value) === undefined);
  if (soft.length > 0) {
    throw new UserError("data", `Cannot use "${path}": expected whole numbers, found ${list(soft)}${SOFT}`);
  }
  if (found.length >= MOST_VALUES) {
    throw new UserError(
      "data",
      `Cannot use "${path}": expected labels, found more than ${MOST_VALUES} different values. Is it an image?`,
    );
  }
  const rounded = found.filter((value) => wholeLabel(value) !== value);
  if (rounded.length > 0) {
    notes.voxels(`"${path}": label values ${list(rounded)} are taken for the whole numbers next to them`);
  }
  const { size, spacing, affine } = image;
  const data = rounded.length > 0 ? turned.data.map((value) => wholeLabel(value)!) as VoxelArray : turned.data;
  return { data, size, spacing, affine };
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

/** The way out for a soft mask. */
const SOFT =
  ". A soft mask or a map of probabilities is no label: threshold it, for example at 0.5, and save whole numbers";

/** Values that a message lists. */
const MOST_SHOWN = 8;

function list(values: readonly number[]): string {
  return values.slice(0, MOST_SHOWN).join(", ") + (values.length > MOST_SHOWN ? ", …" : "");
}

function labelFault(path: string, { found, isSoft }: LabelFault, { labelling, wayOut }: LabelOptions): string {
  const { values, ignore } = labelling;
  const expected = [...values, ...ignore === undefined ? [] : [ignore]].sort((a, b) => a - b);
  const soft = isSoft ? SOFT : wayOut ? `. ${wayOut}` : "";
  return `Cannot use "${path}": expected label values ${list(expected)}, found ${list(found)}${soft}`;
}

/**
 * Says how a label lies to its image where that is not voxel on voxel.
 *
 * @throws {UserError} if they have other sizes
 */
export function sayRelation(
  path: string,
  { image, label, relation = relate(image, label) }: { image: Grid; label: Grid; relation?: Relation },
  { published, warn }: { published: boolean; warn: (message: string) => void },
): void {
  switch (relation.kind) {
    case "same":
      return;
    case "turned": {
      const how = turnInWords(relation.orientation);
      return warn(
        `"${path}" is stored in another order of voxels than its image: ${how}` +
          (published ? "; the published script reads such a case unturned" : ""),
      );
    }
    case "elsewhere":
      return warn(
        `"${path}" lies elsewhere than its image (${relation.mm.toFixed(1)} mm); it is used voxel by voxel`,
      );
    case "unlike": {
      const size = (grid: Grid) => grid.size.join(" × ");
      throw new UserError(
        "data",
        `Cannot use "${path}": expected the grid of its image, ${size(image)}, found ${size(label)}`,
      );
    }
  }
}

function turnInWords({ axes, flips }: Orientation): string {
  const moved = axes.some((axis, k) => axis !== k) ? `its axes are taken in the order ${axes.join(", ")}` : "";
  const turned = [0, 1, 2].filter((k) => flips[k]);
  const reversed = turned.length > 0 ? `axis ${turned.join(" and ")} is reversed` : "";
  return [moved, reversed].filter((text) => text).join(", ");
}
