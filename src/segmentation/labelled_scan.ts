import { stat } from "node:fs/promises";
import { readLabelValues, readRawImage } from "../datasets/raw_volumes.ts";
import type { RawNotes } from "../imaging/label_values.ts";
import { UserError } from "../errors.ts";
import type { SeriesChoice } from "../imaging/files/dicom_folder.ts";
import type { LabelledScan } from "../model/support_set.ts";

/** Paths of a scan and its labels. */
export interface ShotFiles {
  /** NIfTI, PNG, or the folder of a DICOM series. */
  image: string;
  /** NIfTI or PNG on the same box. */
  label: string;
}

/**
 * Reads a scan with labels.
 *
 * @throws {UserError} if it cannot be read, or has no labels
 */
export async function readLabelledScan(
  { image: path, label: labelPath }: ShotFiles,
  notes: RawNotes,
  series: SeriesChoice = {},
): Promise<LabelledScan> {
  const image = await readRawImage(path, notes, series);
  const isFolder = await stat(labelPath).then((found) => found.isDirectory(), () => false);
  if (isFolder) {
    throw new UserError(
      "data",
      `Cannot use "${labelPath}": expected labels in a file (.nii.gz, .nii, .png), found a folder`,
    );
  }
  const label = await readLabelValues(labelPath, image, notes);
  if (!label.data.some((value) => value !== 0)) {
    throw new UserError("data", `Cannot use "${labelPath}": expected labelled voxels, found none`);
  }
  return { image, label, name: path };
}
