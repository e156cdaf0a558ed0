import type { z } from "zod";
import { findChaost2, listChaost2 } from "../src/datasets/chaost2.ts";
import { CHAOST2_CLASSES, CHAOST2_GRID, CHAOST2_IDS, CHAOST2_TEST_LABELS } from "../src/datasets/chaost2_classes.ts";
import { readChaost2Image, readChaost2Labels } from "../src/datasets/chaost2_volumes.ts";
import { byNumber, publishedFrame } from "../src/datasets/raw_files.ts";
import { preparedCase } from "../src/datasets/read_case.ts";
import { casesOnDisk } from "../src/fewshot/cases_on_disk.ts";
import type { Recipe } from "../src/imaging/recipe.ts";
import { mrRecipe } from "../src/imaging/recipes.ts";
import { type Fold, foldFor } from "../src/fewshot/folds.ts";
import { rawCases } from "../src/pipeline/mod.ts";
import { type Choices, experiment } from "./common/experiment.ts";
import { dicom } from "../src/stages/dicom.ts";
import { labels } from "../src/stages/labels.ts";
import { normalizeMrCases } from "../src/stages/normalize_mr.ts";
import { sliceIndex } from "../src/stages/slice_index.ts";
import { supervoxels } from "../src/stages/supervoxels.ts";
import { fewShot } from "./common/few_shot.ts";
import { foldInWords } from "./common/fold_in_words.ts";
import { casesOf, verify } from "./common/verify.ts";
import { commonSchema, mrSchema, presetConfiguration } from "./common/presets.ts";

const [inPlaneMm, , sliceSpacingMm] = CHAOST2_GRID.spacingMm;

/** Field of view in mm: 256 voxels of 1.25 mm as published; smaller presets have fewer and larger voxels. */
const FIELD_MM = inPlaneMm * CHAOST2_GRID.side;

const schema = commonSchema.extend({
  normalize: mrSchema,
});

/** CHAOST2, abdominal MR (CHAOS 2019, T2-SPIR), from DICOM and PNG to scores. */
export default experiment({
  name: "chaost2",
  about: "abdominal MR: CHAOS 2019, T2-SPIR",
  defaultPreset: "paper",
  schema,
  defaults: ({ preset }) => {
    const common = presetConfiguration(preset, { even: true });
    return {
      ...common,
      test: { ...common.test, labels: [...CHAOST2_TEST_LABELS] },
      normalize: { cutPercent: 0.5, sliceSpacingMm },
    };
  },
  async prepare(config, { data, fold, protocol }, tell) {
    const files = await tell.once("files", () => findChaost2(data));
    files.warnings.forEach(tell.warn);
    const chosen = foldOf({ protocol, fold }, [...files.series.keys()], tell.warn);
    tell.say(foldInWords(chosen, { number: fold, labelled: [...files.series.keys()], test: config.test }));
    return { files, frame: await tell.once("frame", () => publishedFrame(files.series)), fold: chosen };
  },
  async *verify(config, choices) {
    const { series, ground, incomplete } = await listChaost2(choices.data);
    yield* verify({
      cases: casesOf(series.keys(), incomplete, byNumber),
      labelled: [...series.keys()],
      classes: CHAOST2_CLASSES,
      read: async (id, notes) => {
        const files = { series: series.get(id)!, ground: ground.get(id)! };
        const image = await readChaost2Image(files.series, notes);
        const label = await readChaost2Labels(files, image, notes);
        return preparedCase({ image, label }, recipeOf(config), files.series);
      },
      fold: () => foldOf(choices, [...series.keys()], () => {}),
      excludes: choices.setting === 2,
    }, config);
  },
  build({ files, frame, fold }, config, choices) {
    const series = rawCases(files.series);
    const { images } = dicom({ series }, {});
    const truth = labels({ images, ground: rawCases(files.ground), series }, {});
    const recipe = recipeOf(config);
    const volumes = normalizeMrCases({ images, labels: truth.labels }, {
      recipe,
      labels: CHAOST2_CLASSES.map((_, label) => label),
    });
    sliceIndex({ labels: volumes.labels }, { classes: [...CHAOST2_CLASSES], minPixels: [1, 100] });
    const { pseudo } = supervoxels({ images: volumes.images }, config.supervoxels);
    return fewShot({ ...volumes, pseudo, fold }, config, choices, {
      experiment: "chaost2",
      dataset: "CHAOST2",
      classes: CHAOST2_CLASSES,
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
  const file = (id: string) => `MR/${id}/T2SPIR`;
  return casesOnDisk(foldFor(CHAOST2_IDS, { dataset: "CHAOST2", protocol, fold }), ids, { number: fold, file, warn });
}
