import { join } from "node:path";
import { z } from "zod";
import { readChaost2Image } from "../datasets/chaost2_volumes.ts";
import { writeNifti } from "../imaging/io/nifti.ts";
import { defineCaseStage } from "../pipeline/mod.ts";

/**
 * Makes a volume of the DICOM files of a case (preprocessing reference, CHAOST2, DICOM to NIfTI); one that was converted
 * already is passed on.
 */
export const dicom = defineCaseStage({
  name: "dicom",
  version: 1,
  /** Of every case the folder with its DICOM files, or a NIfTI file. */
  inputs: ["series"],
  params: z.object({}),
  outputs: { images: (id) => `image_${id}.nii.gz` },
  async run({ id, inputs: { series }, output, warn }) {
    const { volume, warnings } = await readChaost2Image(series);
    for (const warning of warnings) warn(`case ${id}: dcm2niix: ${warning}`);
    await writeNifti(join(output, `image_${id}.nii.gz`), volume);
  },
});
