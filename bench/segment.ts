/**
 * How well masks come back onto a scan's own grid: `deno run -A bench/segment.ts [CASES]`.
 *
 * The model of `models/phantom` segments cases of the phantom's cohort that it has not been trained on (its test fold), four
 * organs from the labels of case 2, and prints tables of Dice in percent: on the network's grid, as `test --protocol volume`
 * scores it; on the scan's own grid; of the scan resampled to other voxels; with 1, 3 and 5 shots.
 */
import { SABS_CLASSES, SABS_TEST_LABELS } from "../src/datasets/sabs.ts";
import { countVoxels, score } from "../src/fewshot/scores.ts";
import { applyToImage, applyToLabel } from "../src/imaging/recipe.ts";
import { resampleLabels, resampleLinear } from "../src/imaging/resample.ts";
import { slicesOf, type Triple, type Volume } from "../src/imaging/volume.ts";
import { argmaxMask } from "../src/inference/argmax.ts";
import { loadModel } from "../src/model/model.ts";
import type { ModelClass } from "../src/model/model_facts.ts";
import { foregroundOfQuery } from "../src/model/query_foreground.ts";
import { segmentVolume } from "../src/model/segment_volume.ts";
import { SupportSet } from "../src/model/support_set.ts";
import { phantomCase } from "../src/phantom/scan.ts";
import { markdownTable } from "../src/inference/results_tables.ts";

/** The cohort that the model saw: fold 0 tests cases 0 and 1 with the support 2. */
const COHORT = { cases: 11, size: 192, slices: 24, seed: 2023 };

/** Shots in order: the fold's support, then labelled training cases. */
const SHOTS = [2, 3, 4, 5, 6];

/** Share of a spacing that a scan is resampled to, and of its slices' distance. */
const RESAMPLED: readonly [string, Triple][] = [
  ["voxels 1.25 times as large in-plane", [1.25, 1.25, 1]],
  ["voxels 0.8 times as large in-plane, slices 1.25 times as far apart", [0.8, 0.8, 1.25]],
];

const classes: ModelClass[] = SABS_TEST_LABELS.map((value) => ({ value, name: SABS_CLASSES[value] }));
using model = await loadModel(await Deno.readFile(new URL("../models/phantom/phantom.safetensors", import.meta.url)));
const queries = Array.from({ length: Number(Deno.args[0] ?? 2) }, (_, i) => i);
const cases = queries.map((number) => phantomCase(number, COHORT));

/** Dice of one label value in percent. */
function dice(mask: Volume["data"], truth: Volume["data"], value: number): number {
  const only = (data: Volume["data"]) => Uint8Array.from(data, (one) => Number(one === value));
  return 100 * (score(countVoxels(only(mask), only(truth))).dice ?? 0);
}

/** Mean over cases, by class, and over classes. */
async function row(name: string, diceOf: (one: ModelClass, scan: { image: Volume; label: Volume }) => Promise<number>) {
  const means: number[] = [];
  for (const one of classes) {
    let sum = 0;
    for (const scan of cases) sum += await diceOf(one, scan);
    means.push(sum / cases.length);
  }
  means.push(means.reduce((a, b) => a + b) / means.length);
  rows.push([name, ...means.map((mean) => mean.toFixed(2))]);
}

const rows = [["", ...classes.map(({ name }) => name), "mean"]];
await row("network's grid, a class at a time", async (one, { image, label }) => {
  using supports = new SupportSet(model, [phantomCase(SHOTS[0], COHORT)], [one]);
  const truth = applyToLabel(model.recipe, label).data;
  for await (const { mean } of foregroundOfQuery(supports, slicesOf(applyToImage(model.recipe, image, "query")))) {
    return dice(argmaxMask(mean).map((voxel) => voxel * one.value), truth, one.value);
  }
  return 0;
});
await row("scan's own grid, a class at a time", async (one, { image, label }) => {
  using supports = new SupportSet(model, [phantomCase(SHOTS[0], COHORT)], [one]);
  return dice((await segmentVolume(model, supports, image)).mask.data, label.data, one.value);
});
for (const [name, share] of RESAMPLED) {
  await row(name, async (one, { image, label }) => {
    using supports = new SupportSet(model, [phantomCase(SHOTS[0], COHORT)], [one]);
    const spacing = image.spacing.map((mm, axis) => mm * share[axis]) as Triple;
    const { mask } = await segmentVolume(model, supports, resampleLinear(image, spacing));
    return dice(mask.data, resampleLabels(label, spacing).data, one.value);
  });
}
for (const count of [1, 3, 5]) {
  using supports = new SupportSet(model, SHOTS.slice(0, count).map((number) => phantomCase(number, COHORT)), classes);
  const masks = new Map<Volume, Volume>();
  for (const { image } of cases) masks.set(image, (await segmentVolume(model, supports, image)).mask);
  await row(`all classes together, ${count} ${count === 1 ? "shot" : "shots"}`, ({ value }, { image, label }) => {
    return Promise.resolve(dice(masks.get(image)!.data, label.data, value));
  });
}
console.log(markdownTable(rows));
