import { join } from "node:path";
import { z } from "zod";
import { Network } from "../dfdt/mod.ts";
import { openDevice } from "../gpu/mod.ts";
import { standardize } from "../imaging/intensity.ts";
import { readNifti, writeNifti } from "../imaging/io/nifti.ts";
import { classNumbers } from "../imaging/label_values.ts";
import type { Volume } from "../imaging/volume.ts";
import { EncodedSlices } from "../inference/encoded_slices.ts";
import { measure, type Protocol, type TestCase, testClass } from "../inference/protocol.ts";
import { makeScores, type Measured, resultsTable } from "../inference/results.ts";
import { segmentSlices } from "../inference/segmenter.ts";
import { defineStage } from "../pipeline/mod.ts";
import { loadStateDict } from "../training/snapshot.ts";
import { decodeSafetensors } from "../weights/safetensors.ts";
import { networkSchema } from "./configuration.ts";

/** Tests a model by either protocol: masks per case and class, scores, and the table with both baselines. */
export const test = defineStage({
  name: "test",
  version: 2,
  inputs: { images: "cases", labels: "cases", model: "file" },
  params: z.object({
    experiment: z.string(),
    dataset: z.string(),
    fold: z.int(),
    setting: z.int(),
    protocol: z.enum(["published", "volume"]),
    support: z.string(),
    query: z.array(z.string()),
    /** Names of all classes by label value. */
    classes: z.array(z.string()),
    /** Label values that are tested. */
    tested: z.array(z.int()),
    /** Stored label value of every class, where they are not 0, 1, 2, … */
    labelValues: z.array(z.int()).optional(),
    network: networkSchema,
  }),
  outputs: { scores: "scores.json", results: "results.md" },
  async run({ inputs, params, output, progress, warn }) {
    await openDevice();
    const { tensors, metadata } = decodeSafetensors(await Deno.readFile(inputs.model), inputs.model);
    const network = new Network(params.network);
    loadStateDict(network.parameters, tensors);
    const side = params.network.image;
    const cases = new Map<string, TestCase & { grid: Volume }>();
    for (const id of [params.support, ...params.query]) {
      const image = await readNifti(inputs.images[id]);
      const labels = classNumbers(await readNifti(inputs.labels[id]), params.labelValues).data;
      cases.set(id, { id, slices: slicesOf(standardize(image, inputs.images[id])), labels, grid: image });
    }
    await Deno.mkdir(join(output, "predictions"), { recursive: true });
    const measured = params.tested.map((label) => ({
      name: params.classes[label],
      label,
      cases: new Map<string, Measured>(),
    }));
    const support = cases.get(params.support)!;
    using supportSlices = new EncodedSlices(network);
    let done = 0;
    for (const id of params.query) {
      const query = cases.get(id)!;
      using querySlices = new EncodedSlices(network);
      for (const { name, label, cases: ofClass } of measured) {
        const result = await testClass(
          (from, slices) => segmentSlices(network, from, slices, { support: supportSlices, queries: querySlices }),
          { support, query },
          { label, name, side, protocol: params.protocol },
        );
        const truth = Uint8Array.from(query.labels, (value) => Number(value === label));
        if (!truth.includes(1)) warn(missingClass(id, name, params.protocol));
        if (result) {
          const figuresOf = (mask: Uint8Array) => measure(mask, truth, { protocol: params.protocol, ...query.grid });
          const { network, copy, interval } = result.masks;
          ofClass.set(id, {
            slices: result.slices.length,
            figures: { network: figuresOf(network), copy: figuresOf(copy), interval: figuresOf(interval) },
          });
        }
        const mask = result?.masks.network ?? new Uint8Array(truth.length);
        const file = `prediction_${id}_${name.replace(/[^A-Za-z0-9_-]/g, "_")}.nii.gz`;
        await writeNifti(join(output, "predictions", file), { ...query.grid, data: mask });
        progress(++done, params.tested.length * params.query.length, "cases");
      }
    }
    const { experiment, dataset, fold, setting, protocol } = params;
    const about = {
      experiment,
      dataset,
      fold,
      setting,
      protocol,
      support: params.support,
      step: Number(metadata.step),
    };
    const scores = makeScores(about, measured);
    await Deno.writeTextFile(join(output, "scores.json"), JSON.stringify(scores, undefined, 1) + "\n");
    await Deno.writeTextFile(join(output, "results.md"), resultsTable(scores));
    network.release();
  },
});

function slicesOf({ data, size: [width, height, depth] }: Volume): Float32Array<ArrayBuffer>[] {
  const area = width * height;
  return Array.from({ length: depth }, (_, z) => Float32Array.from(data.subarray(z * area, (z + 1) * area)));
}

function missingClass(id: string, name: string, protocol: Protocol): string {
  return `case ${id} does not have class ${name}; ` +
    (protocol === "published"
      ? "it is left out of the mean"
      : "its Dice is 0 where anything is predicted, else undefined, and its distances are undefined");
}
