import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { readRawImage, readRawLabel, voxelNotes } from "../datasets/raw_volumes.ts";
import { writeNifti } from "../imaging/files/nifti_file.ts";
import { applyToImage } from "../imaging/recipe.ts";
import { recipeSchema } from "../model/recipe_schema.ts";
import { defineCaseStage } from "../pipeline/mod.ts";

/** Clips to the soft-tissue window and stretches to 0..255 (docs/reference/preprocessing.md, 4.1). */
export const window = defineCaseStage({
  module: import.meta.url,
  name: "window",
  version: 2,
  inputs: ["images", "labels"],
  params: z.object({ recipe: recipeSchema, classes: z.int() }),
  outputs: { images: (id) => `image_${id}.nii.gz`, labels: (id) => `label_${id}.nii.gz` },
  memoryPerInputByte: 6,
  async run({ id, inputs, params, output, warn }) {
    const image = await readRawImage(inputs.images, voxelNotes(warn));
    const labelling = { values: Array.from({ length: params.classes }, (_, label) => label) };
    const label = await readRawLabel(inputs.labels, image, { labelling, published: true }, voxelNotes(warn));
    await writeNifti(join(output, `image_${id}.nii.gz`), applyToImage(params.recipe, image, inputs.images));
    const path = join(output, `label_${id}.nii.gz`);
    if (!label.changed && inputs.labels.endsWith(".gz")) await copyFile(inputs.labels, path);
    else await writeNifti(path, label.volume);
  },
});
