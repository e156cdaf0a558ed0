import { join } from "node:path";
import { z } from "zod";
import { readNifti, writeNifti } from "../imaging/files/nifti_file.ts";
import { writeColourPng } from "../imaging/files/png_file.ts";
import { supervoxels as findSupervoxels } from "../imaging/supervoxels.ts";
import { defineCaseStage } from "../pipeline/mod.ts";
import { contactSheet } from "../report/sheets/contact_sheet.ts";

/** Supervoxels, the labels of self-supervised training (docs/reference/preprocessing.md, 8). */
export const supervoxels = defineCaseStage({
  module: import.meta.url,
  name: "supervoxels",
  version: 2,
  inputs: ["images"],
  params: z.object({
    minVoxels: z.int().min(1),
    /** The same for a case of one slice. */
    minPixels: z.int().min(1).optional(),
  }),
  outputs: { pseudo: (id) => `superpix_${id}.nii.gz` },
  pictures: "sheet_*.png",
  memoryPerInputByte: 12,
  async run({ id, inputs, params, output }) {
    const image = await readNifti(inputs.images);
    const { minVoxels, minPixels = minVoxels } = params;
    const options = { minVoxels: image.size[2] === 1 ? minPixels : minVoxels };
    const { labels } = findSupervoxels(image, options, inputs.images);
    await writeNifti(join(output, `superpix_${id}.nii.gz`), { ...image, data: labels });
    await writeColourPng(join(output, `sheet_${id}.png`), contactSheet(image, labels));
  },
});
