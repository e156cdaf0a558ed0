import assert from "node:assert/strict";
import cmr from "../experiments/cmr.ts";
import sabs from "../experiments/sabs.ts";
import { writePhantom } from "../src/datasets/phantom.ts";
import type { Choices, Experiment } from "../src/pipeline/mod.ts";

interface Values {
  network: { image: number };
  training: { minArea: number; shift: number; sigma: number };
  supervoxels: { minVoxels: number };
  test: { snapshot: number | "last"; labels: number[] | null };
}

const choices = (preset: Choices["preset"]): Choices => (
  { preset, setting: 1, protocol: "published", fold: 0, seed: 1 }
);

Deno.test("the presets of every data set have the sides and sizes of the contract", () => {
  const rows = (experiment: Experiment) =>
    (["paper", "laptop", "tiny"] as const).map((preset) => {
      const { network, training, supervoxels, test } = experiment.defaults(choices(preset)) as Values;
      const { minArea, shift, sigma } = training;
      return [network.image, supervoxels.minVoxels, minArea, shift, sigma, test.snapshot];
    });
  assert.deepEqual(rows(sabs).map((row) => row.filter((_, i) => i !== 3 && i !== 4)), [
    [257, 5000, 200, 30000],
    [129, 1200, 50, "last"],
    [97, 150, 28, "last"],
  ]);
  assert.deepEqual(rows(cmr), [
    [256, 1000, 200, 5, 5, 40000],
    [128, 250, 50, 2.5, 2.5, "last"],
    [96, 50, 28, 1.875, 1.875, "last"],
  ]);
  assert.deepEqual((sabs.defaults(choices("paper")) as Values).test.labels, [1, 2, 3, 6]);
});

Deno.test("pipeline sabs cuts 32 voxels of any scan under paper, and the same share of it under smaller presets", async () => {
  const dir = await Deno.makeTempDir();
  try {
    await writePhantom(dir, { cases: 8, size: 64, slices: 4, seed: 1 });
    const frame = async (preset: Choices["preset"]) => {
      const config = sabs.defaults(choices(preset));
      const prepared = await sabs.prepare(config, { ...choices(preset), data: dir }, () => {});
      return (prepared as { frame: { full: number; border: number } }).frame;
    };
    assert.deepEqual(await frame("paper"), { full: 512, border: 32 });
    assert.deepEqual(await frame("tiny"), { full: 64, border: 4 });
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
