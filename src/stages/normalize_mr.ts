import { join } from "node:path";
import { z } from "zod";
import { readRawImage, readRawLabel, voxelNotes } from "../datasets/raw_volumes.ts";
import { writeNifti } from "../imaging/io/nifti.ts";
import { writeColourPng } from "../imaging/io/png.ts";
import { normalizeMr } from "../imaging/preprocess.ts";
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
    /** Share of the voxels above the cut, in percent. */
    cutPercent: z.number().min(0).max(100),
    /** New voxel spacing in mm along x, y, z. */
    spacingMm: z.tuple([z.number().positive(), z.number().positive(), z.number().positive()]),
    /** Side of the square in voxels. */
    size: z.int().min(1),
    /** Stored label value of every class. */
    labels: z.array(z.int()),
  }),
  outputs: { images: (id) => `image_${id}.nii.gz`, labels: (id) => `label_${id}.nii.gz` },
  async run({ id, inputs, params: { cutPercent, spacingMm, size, labels }, output, warn }) {
    const image = await readRawImage(inputs.images, voxelNotes(warn));
    const options = { labelling: { values: labels }, published: true };
    const { volume: label } = await readRawLabel(inputs.labels, image, options, voxelNotes(warn));
    const normalized = normalizeMr({ image, label }, { cutPercent, spacing: spacingMm, size }, inputs.images);
    await writeNifti(join(output, `image_${id}.nii.gz`), normalized.image);
    await writeNifti(join(output, `label_${id}.nii.gz`), normalized.label);
    await writeColourPng(join(output, `sheet_${id}.png`), contactSheet(normalized.image, normalized.label.data));
  },
});
