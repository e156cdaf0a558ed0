import { join } from "node:path";
import { z } from "zod";
import { readRawImage, readRawLabel, voxelNotes } from "../datasets/raw_volumes.ts";
import { writeNifti } from "../imaging/files/nifti_file.ts";
import { writeColourPng } from "../imaging/files/png_file.ts";
import { applyToImage, applyToLabel } from "../imaging/recipe.ts";
import { recipeSchema } from "../model/recipe_schema.ts";
import { defineCaseStage } from "../pipeline/mod.ts";
import { contactSheet } from "../report/sheets/contact_sheet.ts";

/**
 * Cuts the highest intensities of an MR image, resamples, crops or pads to a square (docs/reference/preprocessing.md,
 * 5.3 and 6). Labels become class numbers.
 */
export const normalizeMrCases = defineCaseStage({
  name: "normalize",
  version: 3,
  module: import.meta.url,
  memoryPerInputByte: 16,
  pictures: "sheet_*.png",
  inputs: ["images", "labels"],
  params: z.object({
    recipe: recipeSchema,
    /** Stored label value of every class. */
    labels: z.array(z.int()),
  }),
  outputs: { images: (id) => `image_${id}.nii.gz`, labels: (id) => `label_${id}.nii.gz` },
  async run({ id, inputs, params: { recipe, labels }, output, warn }) {
    const image = await readRawImage(inputs.images, voxelNotes(warn));
    const options = { labelling: { values: labels }, published: true };
    const { volume: label } = await readRawLabel(inputs.labels, image, options, voxelNotes(warn));
    const normalized = { image: applyToImage(recipe, image, inputs.images), label: applyToLabel(recipe, label) };
    await writeNifti(join(output, `image_${id}.nii.gz`), normalized.image);
    await writeNifti(join(output, `label_${id}.nii.gz`), normalized.label);
    await writeColourPng(join(output, `sheet_${id}.png`), contactSheet(normalized.image, normalized.label.data));
  },
});
