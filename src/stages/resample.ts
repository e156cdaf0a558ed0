import { join } from "node:path";
import { z } from "zod";
import { readNifti, writeNifti } from "../imaging/files/nifti_file.ts";
import { writeColourPng } from "../imaging/files/png_file.ts";
import { applyToImage, applyToLabel } from "../imaging/recipe.ts";
import { recipeSchema } from "../model/recipe_schema.ts";
import { defineCaseStage } from "../pipeline/mod.ts";
import { contactSheet } from "../report/sheets/contact_sheet.ts";

/**
 * Cuts the border off and resamples in-plane (docs/reference/preprocessing.md, 4.2), then crops or pads to exactly the
 * side of the network, which changes nothing at the published size.
 */
export const resample = defineCaseStage({
  module: import.meta.url,
  name: "resample",
  version: 2,
  inputs: ["images", "labels"],
  params: z.object({ recipe: recipeSchema }),
  outputs: { images: (id) => `image_${id}.nii.gz`, labels: (id) => `label_${id}.nii.gz` },
  pictures: "sheet_*.png",
  memoryPerInputByte: 4,
  async run({ id, inputs, params: { recipe }, output }) {
    const image = applyToImage(recipe, await readNifti(inputs.images), inputs.images);
    const label = applyToLabel(recipe, await readNifti(inputs.labels));
    await writeNifti(join(output, `image_${id}.nii.gz`), image);
    await writeNifti(join(output, `label_${id}.nii.gz`), label);
    await writeColourPng(join(output, `sheet_${id}.png`), contactSheet(image, label.data));
  },
});
