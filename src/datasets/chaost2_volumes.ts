import type { Volume } from "../imaging/volume.ts";
import { CHAOST2_CLASSES } from "./chaost2_classes.ts";
import { readGround } from "./chaost2_labels.ts";
import { isFolder } from "./raw_files.ts";
import { readRawImage, readRawLabel } from "./raw_volumes.ts";
import type { RawNotes } from "../imaging/label_values.ts";

/** Files hold the class numbers themselves. */
const LABELLING = { values: CHAOST2_CLASSES.map((_, label) => label) };

/**
 * The image of a case.
 *
 * @param series folder with its DICOM files, or a NIfTI file that was made of them
 * @throws {UserError} if it cannot be read
 */
export async function readChaost2Image(series: string, notes: RawNotes): Promise<Volume> {
  return await readRawImage(series, notes);
}

/**
 * The labels of a case.
 *
 * @param files.ground folder with its PNG files, or a NIfTI file of labels
 * @param files.series as in {@link readChaost2Image}
 * @param image grid of the image
 * @throws {UserError} if they cannot be read, or hold other values
 */
export async function readChaost2Labels(
  { ground, series }: { ground: string; series: string },
  image: Pick<Volume, "size" | "spacing" | "affine">,
  notes: RawNotes,
): Promise<Volume> {
  if (!await isFolder(ground)) {
    return (await readRawLabel(ground, image, { labelling: LABELLING, published: true }, notes)).volume;
  }
  const { label, warnings } = await readGround(ground, image, await isFolder(series) ? series : undefined);
  for (const warning of warnings) notes.voxels(warning);
  return label;
}
