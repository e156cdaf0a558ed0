import { join } from "node:path";
import { z } from "zod";
import { readChaost2Image } from "../datasets/chaost2_volumes.ts";
import { voxelNotes } from "../datasets/raw_volumes.ts";
import { writeNifti } from "../imaging/files/nifti_file.ts";
import { defineCaseStage } from "../pipeline/mod.ts";

/**
 * Makes a volume of the DICOM files of a case (docs/reference/preprocessing.md, 5.1); one that was converted already is
 * passed on.
 */
export const dicom = defineCaseStage({
  name: "dicom",
  version: 1,
  /** Of every case the folder with its DICOM files, or a NIfTI file. */
  inputs: ["series"],
  params: z.object({}),
  outputs: { images: (id) => `image_${id}.nii.gz` },
  async run({ id, inputs: { series }, output, warn }) {
    const volume = await readChaost2Image(series, voxelNotes((message) => warn(`case ${id}: ${message}`)));
    await writeNifti(join(output, `image_${id}.nii.gz`), volume);
  },
});
