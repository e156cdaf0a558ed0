import { z } from "zod";
import { sabsRecipe } from "../src/imaging/recipes.ts";
import { foldFor } from "../src/fewshot/folds.ts";
import { findSabs, SABS_CLASSES, SABS_TEST_LABELS } from "../src/datasets/sabs.ts";
import { phantomIds } from "../src/datasets/phantom.ts";
import { PHANTOM_FRAME } from "../src/phantom/scan.ts";
import { publishedFrame } from "../src/datasets/raw_files.ts";
import { rawCases } from "../src/pipeline/mod.ts";
import { experiment } from "./common/experiment.ts";
import { phantom } from "../src/stages/phantom.ts";
import { resample } from "../src/stages/resample.ts";
import { sliceIndex } from "../src/stages/slice_index.ts";
import { supervoxels } from "../src/stages/supervoxels.ts";
import { window } from "../src/stages/window.ts";
import { fewShot } from "./common/few_shot.ts";
import { foldInWords } from "./common/fold_in_words.ts";
import { commonSchema, presetConfiguration } from "./common/presets.ts";

/** The built-in synthetic cohort, from raw files to scores. */
export default experiment({
  name: "phantom",
  about: "synthetic abdominal CT, made on the spot",
  makesData: true,
  defaultPreset: "tiny",
  schema: commonSchema.extend({
    phantom: z.object({
      cases: z.int().min(1).max(35).describe("number of cases"),
      size: z.int().min(64).max(512).describe("side of a slice in voxels"),
      slices: z.int().min(4).max(200).describe("slices of a case"),
      seed: z.int().min(0).max(2 ** 32 - 1).describe("names the cohort, independent of --seed"),
    }),
    resample: z.object({
      full: z.int().min(1).describe("side of a raw slice in voxels"),
      border: z.int().min(0).describe("voxels that are cut off on every side"),
      target: z.int().min(1).describe("side that is left of a slice after resampling, in voxels"),
    }),
  }),
  defaults: ({ preset }) => ({
    ...presetConfiguration(preset),
    ...(preset === "tiny" ? tinyRecipe() : {}),
    test: { ...presetConfiguration(preset).test, labels: [...SABS_TEST_LABELS] },
    phantom: { cases: 11, size: 192, slices: 24, seed: 2023 },
    resample: { full: 192, border: 12, target: presetConfiguration(preset).network.image - 1 },
  }),
  async prepare({ phantom: { cases }, test }, { fold, protocol, data }, tell) {
    const given = data === "" ? undefined : await tell.once("files", () => findSabs(data));
    given?.warnings.forEach(tell.warn);
    const ids = given ? [...given.images.keys()] : phantomIds(cases);
    const chosen = foldFor(ids, { dataset: "phantom", protocol, fold });
    tell.say(foldInWords(chosen, { number: fold, labelled: ids, test }));
    const frame = given ? await publishedFrame(given.images) : PHANTOM_FRAME;
    return { given, frame, fold: chosen };
  },
  build({ given, frame, fold }, config, choices) {
    const raw = given
      ? { images: rawCases(given.images), labels: rawCases(given.labels) }
      : phantom({}, config.phantom);
    const recipe = sabsRecipe(
      { lowerHU: -125, upperHU: 275 },
      { ...config.resample, side: config.network.image },
    );
    const windowed = window(raw, { recipe: recipe.window, classes: SABS_CLASSES.length });
    const volumes = resample(windowed, { recipe: recipe.resample });
    sliceIndex({ labels: volumes.labels }, { classes: [...SABS_CLASSES], minPixels: [1, 100] });
    const { pseudo } = supervoxels({ images: volumes.images }, config.supervoxels);
    return fewShot({ ...volumes, pseudo, fold }, config, choices, {
      experiment: "phantom",
      dataset: "phantom",
      classes: SABS_CLASSES,
      recipe: [...recipe.window, ...recipe.resample],
      frame,
    });
  },
});

/** What the phantom changes of `tiny`: pseudo-labels as large as organs, and steps enough (docs/decisions.md). */
function tinyRecipe() {
  const { training } = presetConfiguration("tiny");
  return { supervoxels: { minVoxels: 800 }, training: { ...training, steps: 1000 } };
}
