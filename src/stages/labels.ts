import { join } from "node:path";
import { z } from "zod";
import { CHAOST2_CLASSES } from "../datasets/chaost2_classes.ts";
import { readChaost2Labels } from "../datasets/chaost2_volumes.ts";
import { readNifti, writeNifti } from "../imaging/io/nifti.ts";
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
    const image = await readNifti(images);
    const { label, warnings } = await readChaost2Labels({ ground, series }, image);
    for (const warning of warnings) warn(`case ${id}: ${warning}`);
    checkLabels(label, image, { classes: CHAOST2_CLASSES.length, name: ground });
    await writeNifti(join(output, `label_${id}.nii.gz`), { ...label, data: Uint8Array.from(label.data) });
  },
});
