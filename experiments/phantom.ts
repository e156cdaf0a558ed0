import { z } from "zod";
import { PUBLISHED_FOLDS, publishedFold } from "../src/fewshot/folds.ts";
import { findSabs, SABS_CLASSES, SABS_TEST_LABELS } from "../src/datasets/sabs.ts";
import { phantomIds } from "../src/datasets/phantom.ts";
import { experiment, only, rawCases } from "../src/pipeline/mod.ts";
import { phantom } from "../src/stages/phantom.ts";
import { resample } from "../src/stages/resample.ts";
import { sliceIndex } from "../src/stages/slice_index.ts";
import { support, testedLabels } from "../src/stages/support.ts";
import { supervoxels } from "../src/stages/supervoxels.ts";
import { test } from "../src/stages/test.ts";
import { snapshotOf, train } from "../src/stages/train.ts";
import { window } from "../src/stages/window.ts";
import { commonSchema, presetConfiguration } from "./presets.ts";

/** The built-in synthetic cohort, from raw files to scores. */
export default experiment({
  name: "phantom",
  about: "synthetic abdominal CT, made on the spot",
  defaultPreset: "tiny",
  schema: commonSchema.extend({
    phantom: z.object({ cases: z.int(), size: z.int(), slices: z.int(), seed: z.int() }),
    resample: z.object({ full: z.int(), border: z.int(), target: z.int() }),
  }),
  defaults: ({ preset }) => ({
    ...presetConfiguration(preset),
    ...(preset === "tiny" ? tinyRecipe() : {}),
    test: { ...presetConfiguration(preset).test, labels: [...SABS_TEST_LABELS] },
    phantom: { cases: 11, size: 192, slices: 24, seed: 2023 },
    resample: { full: 192, border: 12, target: presetConfiguration(preset).network.image - 1 },
  }),
  async prepare({ phantom: { cases } }, { fold, data }, warn) {
    const given = data === undefined ? undefined : await findSabs(data);
    given?.warnings.forEach(warn);
    const ids = given ? [...given.images.keys()] : phantomIds(cases);
    return { given, fold: publishedFold(ids, PUBLISHED_FOLDS.phantom[fold], fold) };
  },
  build({ given, fold }, config, choices) {
    const raw = given
      ? { images: rawCases(given.images), labels: rawCases(given.labels) }
      : phantom({}, config.phantom);
    const windowed = window(raw, { lowerHU: -125, upperHU: 275, classes: SABS_CLASSES.length });
    const volumes = resample(windowed, { ...config.resample, side: config.network.image });
    sliceIndex({ labels: volumes.labels }, { classes: [...SABS_CLASSES], minPixels: [1, 100] });
    const { pseudo } = supervoxels({ images: volumes.images }, config.supervoxels);
    const labels = testedLabels(config.test.labels, SABS_CLASSES);
    support({ labels: only(volumes.labels, [fold.support]) }, {
      support: fold.support,
      classes: [...SABS_CLASSES],
      tested: labels,
    });
    const { model } = train({
      images: only(volumes.images, fold.train),
      pseudo: only(pseudo, fold.train),
      // Setting 1 never sees a label
      exclusion: choices.setting === 2 ? only(volumes.labels, fold.train) : undefined,
    }, {
      network: config.network,
      training: config.training,
      seed: choices.seed,
      excluded: choices.setting === 2 ? [...SABS_TEST_LABELS] : [],
    });
    const tested = [fold.support, ...fold.query];
    const results = test({
      images: only(volumes.images, tested),
      labels: only(volumes.labels, tested),
      model: snapshotOf(model, config.test.snapshot, config.training),
    }, {
      experiment: "phantom",
      dataset: "phantom",
      fold: choices.fold,
      setting: choices.setting,
      protocol: "published",
      support: fold.support,
      query: fold.query,
      classes: [...SABS_CLASSES],
      tested: labels,
      network: config.network,
    });
    return { scores: results.scores };
  },
});

/** What the phantom changes of `tiny`: pseudo-labels as large as organs, and steps enough (docs/decisions.md). */
function tinyRecipe() {
  const { training } = presetConfiguration("tiny");
  return { supervoxels: { minVoxels: 800 }, training: { ...training, steps: 1000 } };
}
