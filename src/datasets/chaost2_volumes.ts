import { stat } from "node:fs/promises";
import { type ConvertedSeries, readDicom } from "../imaging/io/dicom.ts";
import { readNifti } from "../imaging/io/nifti.ts";
import type { Volume } from "../imaging/volume.ts";
import { type GroundTruth, readGround } from "./chaost2_labels.ts";

/**
 * The image of a case.
 *
 * @param series folder with its DICOM files, or a NIfTI file that was made of them
 * @throws {UserError} if it cannot be read
 */
export async function readChaost2Image(series: string): Promise<ConvertedSeries> {
  return await isFolder(series) ? await readDicom(series) : { volume: await readNifti(series), warnings: [] };
}

/**
 * The labels of a case.
 *
 * @param files.ground folder with its PNG files, or a NIfTI file of labels
 * @param files.series as in {@link readChaost2Image}
 * @param image grid of the image
 * @throws {UserError} if they cannot be read; values of a NIfTI file are not looked at
 */
export async function readChaost2Labels(
  { ground, series }: { ground: string; series: string },
  image: Pick<Volume, "size" | "spacing" | "affine">,
): Promise<GroundTruth> {
  if (!await isFolder(ground)) return { label: await readNifti(ground), warnings: [] };
  return await readGround(ground, image, await isFolder(series) ? series : undefined);
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path)).isDirectory();
}
