import { stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { readDicom } from "../imaging/io/dicom.ts";
import { readNifti, writeNifti } from "../imaging/io/nifti.ts";
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
    const path = join(output, `image_${id}.nii.gz`);
    if (!(await stat(series)).isDirectory()) return await writeNifti(path, await readNifti(series));
    const { volume, warnings } = await readDicom(series);
    for (const warning of warnings) warn(`case ${id}: dcm2niix: ${warning}`);
    await writeNifti(path, volume);
  },
});
