import { join } from "node:path";
import { z } from "zod";
import { keepLargestComponents } from "../imaging/components.ts";
import { standardize } from "../imaging/intensity.ts";
import { readNifti, writeNifti } from "../imaging/files/nifti_file.ts";
import { countClassVoxels, withoutIgnored } from "../imaging/labelling.ts";
import { slicesOf, type Volume } from "../imaging/volume.ts";
import { EncodedSlices } from "../inference/encoded_slices.ts";
import { predictionNames } from "../inference/prediction_names.ts";
import { measure, type Protocol, type TestCase, testClass } from "../inference/protocol.ts";
import { makeScores, type Measured } from "../inference/results.ts";
import { casesCsv, resultsTable } from "../inference/results_tables.ts";
import { foregroundOfSlices } from "../inference/segmenter.ts";
import { defineStage } from "../pipeline/mod.ts";
import { loadModel } from "../model/model.ts";
import { namedClasses } from "./support.ts";

/** Tests a model by either protocol: masks per case and class, scores, and the table with both baselines. */
export const test = defineStage({
  name: "test",
  version: 7,
  usesAdapter: true,
  inputs: { images: "cases", labels: "cases", model: "file" },
  params: z.object({
    experiment: z.string(),
    dataset: z.string(),
    fold: z.int(),
    setting: z.int(),
    protocol: z.enum(["published", "volume"]),
    /** Support cases; the first K of them are K shots. */
    supports: z.array(z.string()).min(1),
    /** Numbers of shots that are tested. */
    shots: z.array(z.int().min(1)).min(1),
    query: z.array(z.string()),
    /** All classes by number. */
    classes: namedClasses,
    /** Class numbers that are tested; those that the support does not show are left out. */
    tested: z.array(z.int()),
    /** Whether the user named them; the support stage has looked at it. */
    named: z.boolean(),
    /** Keeps only the largest component of each of the network's masks. */
    largest: z.literal(true).optional(),
  }),
  outputs: { scores: "scores.json", results: "results.md" },
  async run({ inputs, params, output, progress, warn }) {
    using model = await loadModel(await Deno.readFile(inputs.model), { name: inputs.model });
    const { network, metadata } = model;
    const { supports, query: queries, protocol, shots } = params;
    const side = network.configuration.image;
    const cases = new Map<string, TestCase & { grid: Volume }>();
    for (const id of [...supports, ...queries]) {
      const image = await readNifti(inputs.images[id]);
      const labels = (await readNifti(inputs.labels[id])).data;
      cases.set(id, { id, slices: slicesOf(standardize(image, inputs.images[id])), labels, grid: image });
    }
    const shown = countClassVoxels(cases.get(supports[0])!.labels);
    const measured = params.tested.filter((number) => shown.has(number)).map((number) => ({
      ...params.classes[number],
      number,
      label: params.classes[number].value,
      cases: new Map<string, Measured>(),
    }));
    const fileNames = predictionNames(measured);
    const folder = (count: number) => join(output, count === shots[0] ? "predictions" : `predictions_${count}_shots`);
    for (const count of shots) await Deno.mkdir(folder(count), { recursive: true });
    await Deno.mkdir(join(output, "probabilities"), { recursive: true });
    const supportSlices = new Map(supports.map((id) => [id, new EncodedSlices(network)]));
    let done = 0;
    for (const id of queries) {
      const query = cases.get(id)!;
      using querySlices = new EncodedSlices(network);
      for (const [position, { name, number, cases: ofClass }] of measured.entries()) {
        const result = await testClass(
          (from, slices, support) =>
            foregroundOfSlices(network, from, slices, { support: supportSlices.get(support)!, queries: querySlices }),
          { supports: supports.map((one) => cases.get(one)!), query },
          { label: number, name, side, protocol, shots },
        );
        for (const mask of params.largest ? result?.byShots.values() ?? [] : []) {
          keepLargestComponents(mask, query.grid.size);
        }
        const truth = Uint8Array.from(query.labels, (value) => Number(value === number));
        if (!truth.includes(1)) warn(missingClass(id, name, protocol));
        if (result) {
          const figuresOf = (mask: Uint8Array<ArrayBuffer>) =>
            measure(withoutIgnored(mask, query.labels), truth, { protocol, ...query.grid });
          const { network, copy, interval } = result.masks;
          ofClass.set(id, {
            slices: result.slices.length,
            figures: { network: figuresOf(network), copy: figuresOf(copy), interval: figuresOf(interval) },
            byShots: new Map([...result.byShots].map(([count, mask]) => [count, figuresOf(mask)])),
          });
        }
        for (const count of shots) {
          const mask = result?.byShots.get(count) ?? new Uint8Array(truth.length);
          const file = `prediction_${id}_${fileNames[position]}.nii.gz`;
          await writeNifti(join(folder(count), file), { ...query.grid, data: mask });
        }
        if (result) {
          const file = `probability_${id}_${fileNames[position]}.nii.gz`;
          await writeNifti(join(output, "probabilities", file), { ...query.grid, data: result.probability });
        }
        progress(++done, measured.length * queries.length, "cases");
      }
    }
    const { experiment, dataset, fold, setting } = params;
    const about = {
      ...{ experiment, dataset, fold, setting, protocol },
      support: supports[0],
      shots,
      supports,
      step: Number(metadata.step),
      ...(params.largest ? { largest: params.largest } : {}),
    };
    const scores = makeScores(about, measured);
    await Deno.writeTextFile(join(output, "scores.json"), JSON.stringify(scores, undefined, 1) + "\n");
    await Deno.writeTextFile(join(output, "results.md"), resultsTable(scores));
    await Deno.writeTextFile(join(output, "cases.csv"), casesCsv(scores, measured));
    for (const slices of supportSlices.values()) slices[Symbol.dispose]();
  },
});

function missingClass(id: string, name: string, protocol: Protocol): string {
  return `case ${id} does not have class ${name}; ` +
    (protocol === "published"
      ? "it is left out of the mean"
      : "its Dice is 0 where anything is predicted, else undefined, and its distances are undefined");
}
