import { join } from "node:path";
import { z } from "zod";
import { readCustomCase } from "../datasets/custom_case.ts";
import { voxelNotes } from "../datasets/raw_volumes.ts";
import { recipeSchema } from "../model/recipe_schema.ts";
import { writeNifti } from "../imaging/files/nifti_file.ts";
import { writeColourPng } from "../imaging/files/png_file.ts";
import { defineCaseStage } from "../pipeline/mod.ts";
import { contactSheet } from "../report/sheets/contact_sheet.ts";

/**
 * Brings a user's own case to the common form: intensities, orientation, in-plane spacing and size
 * (docs/command-line.md, "`custom`: a user's own data").
 */
export const normalize = defineCaseStage({
  module: import.meta.url,
  name: "normalize",
  version: 4,
  inputs: ["images"],
  optional: ["labels"],
  params: z.object({
    recipe: recipeSchema,
    classes: z.array(z.string()),
    labelling: z.object({ values: z.array(z.int()), ignore: z.int().optional() }),
  }),
  outputs: {
    images: (id) => `image_${id}.nii.gz`,
    labels: (id) => `label_${id}.nii.gz`,
    classes: (id) => `classes_${id}.json`,
  },
  pictures: "sheet_*.png",
  memoryPerInputByte: 16,
  async run({ id, inputs, params, output, warn }) {
    const files = { image: inputs.images, label: inputs.labels };
    const { image, label, voxels } = await readCustomCase(files, params, voxelNotes(warn));
    await writeNifti(join(output, `image_${id}.nii.gz`), image);
    await writeColourPng(join(output, `sheet_${id}.png`), contactSheet(image, label?.data));
    if (!label) return;
    await writeNifti(join(output, `label_${id}.nii.gz`), label);
    const named = voxels.map((counts) => ({ name: params.classes[counts.label], ...counts }));
    await Deno.writeTextFile(join(output, `classes_${id}.json`), JSON.stringify(named, undefined, 1) + "\n");
  },
});
