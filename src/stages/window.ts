import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { windowIntensities } from "../imaging/intensity.ts";
import { readNifti, writeNifti } from "../imaging/io/nifti.ts";
import { defineCaseStage } from "../pipeline/mod.ts";
import { checkLabels } from "./check_labels.ts";

/** Clips to the soft-tissue window and stretches to 0..255 (preprocessing reference, SABS window). */
export const window = defineCaseStage({
  module: import.meta.url,
  name: "window",
  version: 1,
  inputs: ["images", "labels"],
  params: z.object({ lowerHU: z.number(), upperHU: z.number(), classes: z.int() }),
  outputs: { images: (id) => `image_${id}.nii.gz`, labels: (id) => `label_${id}.nii.gz` },
  memoryPerInputByte: 6,
  async run({ id, inputs, params, output }) {
    const image = await readNifti(inputs.images);
    checkLabels(await readNifti(inputs.labels), image, { classes: params.classes, name: inputs.labels });
    await writeNifti(join(output, `image_${id}.nii.gz`), windowIntensities(image, params, inputs.images));
    if (inputs.labels.endsWith(".gz")) await copyFile(inputs.labels, join(output, `label_${id}.nii.gz`));
    else await writeNifti(join(output, `label_${id}.nii.gz`), await readNifti(inputs.labels));
  },
});
