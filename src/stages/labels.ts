import { stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { CHAOST2_CLASSES } from "../datasets/chaost2_classes.ts";
import { readGround } from "../datasets/chaost2_labels.ts";
import { readNifti, readNiftiHeader, writeNifti } from "../imaging/io/nifti.ts";
import { defineCaseStage } from "../pipeline/mod.ts";
import { checkLabels } from "./check_labels.ts";

/**
 * Makes label volumes of the ground truth of CHAOST2 (preprocessing reference, CHAOST2, labels); a volume of labels is passed
 * on.
 */
export const labels = defineCaseStage({
  name: "labels",
  version: 1,
  /** The converted images; of every case the folder with its PNG files or a NIfTI file, and that with its DICOM files. */
  inputs: ["images", "ground", "series"],
  params: z.object({}),
  outputs: { labels: (id) => `label_${id}.nii.gz` },
  async run({ id, inputs: { images, ground, series }, output, warn }) {
    const path = join(output, `label_${id}.nii.gz`);
    if (!(await stat(ground)).isDirectory()) {
      const label = await readNifti(ground), image = await readNifti(images);
      checkLabels(label, image, { classes: CHAOST2_CLASSES.length, name: ground });
      return await writeNifti(path, { ...label, data: Uint8Array.from(label.data) });
    }
    const dicom = (await stat(series)).isDirectory() ? series : undefined;
    const { label, warnings } = await readGround(ground, await readNiftiHeader(images), dicom);
    for (const warning of warnings) warn(`case ${id}: ${warning}`);
    await writeNifti(path, label);
  },
});
