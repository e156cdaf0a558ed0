import { z } from "zod";
import {
  findSabs,
  listSabs,
  longestSide,
  SABS_CASES,
  SABS_CLASSES,
  SABS_LABELLING,
  SABS_TEST_LABELS,
  sabsFileNumber,
} from "../src/datasets/sabs.ts";
import { byNumber, publishedFrame, type RawFiles } from "../src/datasets/raw_files.ts";
import { readPublishedCase } from "../src/datasets/read_case.ts";
import { casesOnDisk } from "../src/fewshot/cases_on_disk.ts";
import { sabsRecipe } from "../src/imaging/recipes.ts";
import { type Fold, foldFor } from "../src/fewshot/folds.ts";
import { rawCases } from "../src/pipeline/mod.ts";
import { type Choices, experiment, SILENT, type Tell } from "./common/experiment.ts";
import { resample } from "../src/stages/resample.ts";
import { sliceIndex } from "../src/stages/slice_index.ts";
import { supervoxels } from "../src/stages/supervoxels.ts";
import { window } from "../src/stages/window.ts";
import { fewShot } from "./common/few_shot.ts";
import { foldInWords } from "./common/fold_in_words.ts";
import { casesOf, verify } from "./common/verify.ts";
import { commonSchema, presetConfiguration } from "./common/presets.ts";

/** Soft tissue. */
const WINDOW = { lowerHU: -125, upperHU: 275 };

/** Share of a slice's side that is cut off on every side where `resample.border` is `null`: the published 32 of 512. */
const BORDER = 32 / 512;

const schema = commonSchema.extend({
  resample: z.object({
    full: z.int().min(1).nullable().describe("side of a raw slice in voxels; null: the longest of the data"),
    border: z.int().min(0).nullable().describe("voxels that are cut off on every side; null: the published share"),
    target: z.int().min(1).describe("side that is left of a slice after resampling, in voxels"),
  }),
});

/** SABS, the abdominal CT of the paper (Synapse "Beyond the Cranial Vault"). */
export default experiment({
  name: "sabs",
  about: "abdominal CT: Synapse, Beyond the Cranial Vault",
  defaultPreset: "paper",
  schema,
  defaults({ preset }) {
    const common = presetConfiguration(preset);
    // as published, 32 of 512 whatever the size of the scan; smaller presets cut their share of the real size
    const published = preset === "paper" ? { full: 512, border: 32 } : { full: null, border: null };
    return {
      ...common,
      test: { ...common.test, labels: [...SABS_TEST_LABELS] },
      resample: { ...published, target: common.network.image - 1 },
    };
  },
  async prepare(config, { data, fold, protocol }, tell) {
    const files = await tell.once("files", () => findSabs(data));
    files.warnings.forEach(tell.warn);
    const chosen = foldOf({ protocol, fold }, [...files.images.keys()], tell.warn);
    tell.say(foldInWords(chosen, { number: fold, labelled: [...files.labels.keys()], test: config.test }));
    const frame = await tell.once("frame", () => publishedFrame(files.images));
    return { files, cut: await cutOf(config, files, tell.once), frame, fold: chosen };
  },
  async *verify(config, choices) {
    const { images, labels, unpaired, warnings } = await listSabs(choices.data);
    const cut = await cutOf(config, { images, labels, warnings }).catch(() => undefined);
    const { window, resample } = recipeOf(config, cut ?? { full: 512, border: 32 });
    const recipe = [...window, ...resample];
    yield* verify({
      cases: casesOf(images.keys(), unpaired, byNumber),
      labelled: [...labels.keys()],
      classes: SABS_CLASSES,
      read: async (id, notes) => {
        const files = { image: images.get(id)!, label: labels.get(id)! };
        return await readPublishedCase(files, { recipe, labelling: SABS_LABELLING }, notes);
      },
      fold: () => foldOf(choices, [...images.keys()], () => {}),
      excludes: choices.setting === 2,
    }, config);
  },
  build({ files, cut, frame, fold }, config, choices) {
    const raw = { images: rawCases(files.images), labels: rawCases(files.labels) };
    const recipe = recipeOf(config, cut);
    const windowed = window(raw, { recipe: recipe.window, classes: SABS_CLASSES.length });
    const volumes = resample(windowed, { recipe: recipe.resample });
    sliceIndex({ labels: volumes.labels }, { classes: [...SABS_CLASSES], minPixels: [1, 100] });
    const { pseudo } = supervoxels({ images: volumes.images }, config.supervoxels);
    return fewShot({ ...volumes, pseudo, fold }, config, choices, {
      experiment: "sabs",
      dataset: "SABS",
      classes: SABS_CLASSES,
      recipe: [...recipe.window, ...recipe.resample],
      frame,
    });
  },
});

function recipeOf({ network, resample: { target } }: z.output<typeof schema>, cut: { full: number; border: number }) {
  return sabsRecipe(WINDOW, { ...cut, target, side: network.image });
}

/** What is cut off: as published, or the same share of the scans' real side. */
async function cutOf(
  { resample: { full, border } }: z.output<typeof schema>,
  files: RawFiles,
  once: Tell["once"] = SILENT.once,
): Promise<{ full: number; border: number }> {
  const side = full ?? await once("longest side", () => longestSide(files));
  return { full: side, border: border ?? Math.round(BORDER * side) };
}

function foldOf(
  { protocol, fold }: Pick<Choices, "protocol" | "fold">,
  ids: readonly string[],
  warn: (message: string) => void,
): Fold {
  const file = (id: string) => `img${sabsFileNumber(id)}.nii.gz`;
  return casesOnDisk(foldFor(SABS_CASES, { dataset: "SABS", protocol, fold }), ids, { number: fold, file, warn });
}
