import assert from "node:assert/strict";
import chaost2 from "../experiments/chaost2.ts";
import cmr from "../experiments/cmr.ts";
import custom from "../experiments/custom.ts";
import sabs from "../experiments/sabs.ts";
import { writePhantom } from "../src/datasets/phantom.ts";
import { writeMrPhantom } from "../src/datasets/phantom_mr.ts";
import { writeNifti } from "../src/imaging/files/nifti_file.ts";
import type { Recipe } from "../src/imaging/recipe.ts";
import { collectNodes, configure } from "../src/pipeline/mod.ts";
import { type Choices, type Experiment, SILENT } from "../experiments/common/experiment.ts";

interface Values {
  network: { image: number };
  training: { minArea: number; shift: number; sigma: number };
  supervoxels: { minVoxels: number };
  test: { snapshot: number | "last"; labels: number[] | null };
}

const choices = (preset: Choices["preset"]): Choices => (
  { preset, setting: 1, protocol: "published", fold: 0, seed: 1, data: "" }
);

Deno.test('the presets of every data set have the sides and sizes of docs/command-line.md, "Presets"', () => {
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
  assert.deepEqual(rows(chaost2), [
    [256, 5000, 200, 5, 5, 30000],
    [128, 1200, 50, 2.5, 2.5, "last"],
    [96, 150, 28, 1.875, 1.875, "last"],
  ]);
  assert.deepEqual((chaost2.defaults(choices("paper")) as Values).test.labels, [1, 2, 3, 4]);
  assert.deepEqual(rows(cmr), [
    [256, 1000, 200, 5, 5, 40000],
    [128, 250, 50, 2.5, 2.5, "last"],
    [96, 50, 28, 1.875, 1.875, "last"],
  ]);
  assert.deepEqual((sabs.defaults(choices("paper")) as Values).test.labels, [1, 2, 3, 6]);
});

Deno.test("pipeline chaost2 normalises to the published grid under paper, and to fewer, larger voxels of one field of view else", async () => {
  const dir = await Deno.makeTempDir();
  try {
    await writeMrPhantom(dir, { cases: 6, size: 64, slices: 4, seed: 1 });
    const grid = async (preset: Choices["preset"]) => {
      const chosen = { ...choices(preset), data: dir };
      const config = chaost2.schema.parse(chaost2.defaults(chosen));
      const raw = await chaost2.prepare(config, chosen, SILENT);
      const { nodes } = collectNodes(() => chaost2.build(raw, config, chosen));
      return (nodes.find(({ stage }) => stage.name === "normalize")!.params as { recipe: Recipe }).recipe;
    };
    const expected = (mm: number, side: number) => [
      { step: "cut", percent: 0.5 },
      { step: "resample", spacingMm: [mm, mm, 7.7] },
      { step: "square", side },
    ];
    assert.deepEqual(await grid("paper"), expected(1.25, 256));
    assert.deepEqual(await grid("laptop"), expected(2.5, 128));
    assert.deepEqual(await grid("tiny"), expected(320 / 96, 96));
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("pipeline sabs cuts 32 voxels of any scan under paper, and the same share of it under smaller presets", async () => {
  const dir = await Deno.makeTempDir();
  try {
    await writePhantom(dir, { cases: 8, size: 64, slices: 4, seed: 1 });
    const cut = async (preset: Choices["preset"]) => {
      const config = sabs.schema.parse(sabs.defaults(choices(preset)));
      const prepared = await sabs.prepare(config, { ...choices(preset), data: dir }, SILENT);
      return (prepared as { cut: { full: number; border: number } }).cut;
    };
    assert.deepEqual(await cut("paper"), { full: 512, border: 32 });
    assert.deepEqual(await cut("tiny"), { full: 64, border: 4 });
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("pipeline custom goes by the channel's name, the settings of data, and the user's own folds", async () => {
  const dir = await Deno.makeTempDir();
  try {
    for (const folder of ["imagesTr", "labelsTr"]) await Deno.mkdir(`${dir}/${folder}`);
    const affine = [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 5, 0, 0, 0, 0, 1];
    for (const id of ["a", "b", "c", "d"]) {
      const scan = { data: new Uint8Array(48), size: [4, 4, 3], spacing: [2, 2, 5], affine } as const;
      for (const path of [`imagesTr/${id}_0000`, `labelsTr/${id}`]) {
        await writeNifti(`${dir}/${path}.nii.gz`, { ...scan, size: [...scan.size], spacing: [...scan.spacing] });
      }
    }
    const describe = (channel: string) => {
      const about = { channel_names: { 0: channel }, labels: { background: 0, tumour: 1 } };
      return Deno.writeTextFile(`${dir}/dataset.json`, JSON.stringify(about));
    };
    const normalized = async (...settings: string[]) => {
      const chosen = { ...choices("tiny"), data: dir };
      const config = configure(custom.schema, custom.defaults(chosen), settings);
      const raw = await custom.prepare(config, chosen, SILENT) as { fold: unknown };
      const { nodes } = collectNodes(() => custom.build(raw, config, chosen));
      const { recipe } = nodes.find(({ stage }) => stage.name === "normalize")!.params as { recipe: Recipe };
      const [intensity, , fit] = recipe;
      assert.ok(fit.step === "fit" && fit.side === 97);
      return { values: [intensity, fit.inPlaneMm, fit.sliceSpacingMm], fold: raw.fold };
    };
    await describe("CT");
    assert.deepEqual((await normalized()).values, [{ step: "window", lowerHU: -125, upperHU: 275 }, 8 / 97, null]);
    const given = ["data.windowHU=[-160,240]", "data.inPlaneMm=1.5", "data.sliceSpacingMm=3"];
    assert.deepEqual((await normalized(...given)).values, [{ step: "window", lowerHU: -160, upperHU: 240 }, 1.5, 3]);
    assert.deepEqual((await normalized("data.intensity=percentile")).values[0], { step: "cut", percent: 0.5 });
    await assert.rejects(normalized("data.windowHU=[5,4]"), /data\.windowHU: expected the lower end first/);
    await describe("T1");
    assert.deepEqual((await normalized("data.cutPercent=1")).values[0], { step: "cut", percent: 1 });
    assert.deepEqual((await normalized("data.intensity=window")).values[0], {
      step: "window",
      lowerHU: -125,
      upperHU: 275,
    });

    assert.deepEqual((await normalized()).fold, {
      train: ["a", "b", "c", "d"],
      support: "a",
      query: ["b", "c", "d"],
      isFew: true,
    });
    await Deno.writeTextFile(`${dir}/splits_final.json`, JSON.stringify([{ train: ["d", "a"], val: ["c", "b"] }]));
    assert.deepEqual((await normalized()).fold, { train: ["a", "d"], support: "c", query: ["b"] });
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
