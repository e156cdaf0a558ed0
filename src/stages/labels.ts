import { join } from "node:path";
import { z } from "zod";
import { readChaost2Labels } from "../datasets/chaost2_volumes.ts";
import { voxelNotes } from "../datasets/raw_volumes.ts";
import { readNifti, writeNifti } from "../imaging/files/nifti_file.ts";
import { defineCaseStage } from "../pipeline/mod.ts";

/**
 * Makes label volumes of the ground truth of CHAOST2 (docs/reference/preprocessing.md, 5.2); a volume of labels is
 * passed on.
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
    const notes = voxelNotes((message) => warn(`case ${id}: ${message}`));
    const label = await readChaost2Labels({ ground, series }, image, notes);
    await writeNifti(join(output, `label_${id}.nii.gz`), { ...label, data: Uint8Array.from(label.data) });
  },
});
