import { join } from "node:path";
import { z } from "zod";
import { cutHighest, windowIntensities } from "../imaging/intensity.ts";
import { readNifti, writeNifti } from "../imaging/io/nifti.ts";
import { fitSquare, orient } from "../imaging/orient.ts";
import { defineCaseStage } from "../pipeline/mod.ts";
import { checkLabels } from "./check_labels.ts";

const axis = z.int().min(0).max(2);

/** Brings a user's own case to the common form: intensities, orientation, in-plane spacing and size (contract, `custom`). */
export const normalize = defineCaseStage({
  module: import.meta.url,
  name: "normalize",
  version: 1,
  inputs: ["images", "labels"],
  params: z.object({
    intensity: z.union([
      z.object({ lowerHU: z.number(), upperHU: z.number() }),
      z.object({ cutPercent: z.number() }),
    ]),
    /** Of every case, by id. */
    orientations: z.record(
      z.string(),
      z.object({ axes: z.tuple([axis, axis, axis]), flips: z.tuple([z.boolean(), z.boolean(), z.boolean()]) }),
    ),
    inPlaneMm: z.number().positive(),
    sliceSpacingMm: z.number().positive().nullable(),
    side: z.int(),
    classes: z.int(),
  }),
  outputs: { images: (id) => `image_${id}.nii.gz`, labels: (id) => `label_${id}.nii.gz` },
  memoryPerInputByte: 16,
  async run({ id, inputs, params, output }) {
    const image = await readNifti(inputs.images);
    const label = await readNifti(inputs.labels);
    checkLabels(label, image, { classes: params.classes, name: inputs.labels });
    const { intensity, inPlaneMm: inPlane, side } = params;
    const even = "cutPercent" in intensity
      ? cutHighest(image, intensity.cutPercent, inputs.images)
      : windowIntensities(image, intensity, inputs.images);
    const between = params.sliceSpacingMm ?? undefined;
    const oriented = orient({ ...even, data: Float64Array.from(even.data) }, params.orientations[id]);
    const labels = orient({ ...label, spacing: image.spacing, affine: image.affine }, params.orientations[id]);
    const fitted = fitSquare(oriented, { inPlane, between, side, labels: false });
    await writeNifti(join(output, `image_${id}.nii.gz`), fitted);
    await writeNifti(join(output, `label_${id}.nii.gz`), fitSquare(labels, { inPlane, between, side, labels: true }));
  },
});
