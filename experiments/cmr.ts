import type { z } from "zod";
import { CMR_CASES, CMR_CLASSES, CMR_LABELLING, findCmr, listCmr } from "../src/datasets/cmr.ts";
import { preparedCase } from "../src/datasets/read_case.ts";
import { byNumber, publishedFrame } from "../src/datasets/raw_files.ts";
import { readRawImage, readRawLabel } from "../src/datasets/raw_volumes.ts";
import { casesOnDisk } from "../src/fewshot/cases_on_disk.ts";
import type { Recipe } from "../src/imaging/recipe.ts";
import { mrRecipe } from "../src/imaging/recipes.ts";
import { type Fold, foldFor } from "../src/fewshot/folds.ts";
import { rawCases } from "../src/pipeline/mod.ts";
import { type Choices, experiment } from "./common/experiment.ts";
import { normalizeMrCases } from "../src/stages/normalize_mr.ts";
import { sliceIndex } from "../src/stages/slice_index.ts";
import { supervoxels } from "../src/stages/supervoxels.ts";
import { fewShot } from "./common/few_shot.ts";
import { foldInWords } from "./common/fold_in_words.ts";
import { casesOf, verify } from "./common/verify.ts";
import { CMR_MIN_VOXELS, commonSchema, mrSchema, presetConfiguration } from "./common/presets.ts";

/** Field of view in mm: 256 voxels of 1.25 mm as published; smaller presets have fewer and larger voxels. */
const FIELD_MM = 1.25 * 256;

const schema = commonSchema.extend({
  normalize: mrSchema,
});

/** CMR, cardiac MR (MS-CMRSeg 2019, balanced SSFP). */
export default experiment({
  name: "cmr",
  about: "cardiac MR: MS-CMRSeg 2019, balanced SSFP",
  defaultPreset: "paper",
  schema,
  defaults: ({ preset }) => ({
    ...presetConfiguration(preset, { even: true, minVoxels: CMR_MIN_VOXELS, snapshot: 40000 }),
    normalize: { cutPercent: 0.5, sliceSpacingMm: 7.99 },
  }),
  async prepare(config, { data, fold, setting, protocol }, tell) {
    const files = await tell.once("files", () => findCmr(data));
    files.warnings.forEach(tell.warn);
    if (setting === 2 && protocol === "published") {
      tell.warn(
        "Setting 2 leaves no slice out: as published, training looks for 1, 2, 3 where CMR stores 200, 500, 600",
      );
    }
    const chosen = foldOf({ protocol, fold }, [...files.images.keys()], tell.warn);
    tell.say(foldInWords(chosen, { number: fold, labelled: [...files.labels.keys()], test: config.test }));
    return { files, frame: await tell.once("frame", () => publishedFrame(files.images)), fold: chosen };
  },
  async *verify(config, choices) {
    const { images, labels, unpaired } = await listCmr(choices.data);
    yield* verify({
      cases: casesOf(images.keys(), unpaired, byNumber),
      labelled: [...labels.keys()],
      classes: CMR_CLASSES,
      read: async (id, notes) => {
        const image = await readRawImage(images.get(id)!, notes);
        const options = { labelling: CMR_LABELLING, published: true };
        const { volume: label } = await readRawLabel(labels.get(id)!, image, options, notes);
        return preparedCase({ image, label }, recipeOf(config), images.get(id)!);
      },
      fold: () => foldOf(choices, [...images.keys()], () => {}),
      excludes: choices.setting === 2 && choices.protocol !== "published",
    }, config);
  },
  build({ files, frame, fold }, config, choices) {
    const recipe = recipeOf(config);
    const volumes = normalizeMrCases({ images: rawCases(files.images), labels: rawCases(files.labels) }, {
      recipe,
      labels: [...CMR_LABELLING.values],
    });
    const classes = [...CMR_CLASSES];
    sliceIndex({ labels: volumes.labels }, { classes, minPixels: [1, 100] });
    const { pseudo } = supervoxels({ images: volumes.images }, config.supervoxels);
    return fewShot({ ...volumes, pseudo, fold }, config, choices, {
      experiment: "cmr",
      dataset: "CMR",
      classes,
      // as published, the training loader does not map stored values: it finds none of the excluded classes
      excludesNothing: choices.protocol === "published",
      recipe,
      frame,
    });
  },
});

function recipeOf(
  { network: { image: side }, normalize: { cutPercent, sliceSpacingMm } }: z.output<typeof schema>,
): Recipe {
  return mrRecipe({ cutPercent, spacingMm: [FIELD_MM / side, FIELD_MM / side, sliceSpacingMm], size: side });
}

function foldOf(
  { protocol, fold }: Pick<Choices, "protocol" | "fold">,
  ids: readonly string[],
  warn: (message: string) => void,
): Fold {
  const file = (id: string) => `patient${id}_C0.nii.gz`;
  return casesOnDisk(foldFor(CMR_CASES, { dataset: "CMR", protocol, fold }), ids, { number: fold, file, warn });
}
