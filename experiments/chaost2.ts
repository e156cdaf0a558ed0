import { z } from "zod";
import { findChaost2, listChaost2 } from "../src/datasets/chaost2.ts";
import { CHAOST2_CLASSES, CHAOST2_GRID, CHAOST2_IDS, CHAOST2_TEST_LABELS } from "../src/datasets/chaost2_classes.ts";
import { casesOnDisk } from "../src/fewshot/cases_on_disk.ts";
import { foldFor } from "../src/fewshot/folds.ts";
import { experiment, rawCases } from "../src/pipeline/mod.ts";
import { dicom } from "../src/stages/dicom.ts";
import { labels } from "../src/stages/labels.ts";
import { normalizeMrCases } from "../src/stages/normalize_mr.ts";
import { sliceIndex } from "../src/stages/slice_index.ts";
import { supervoxels } from "../src/stages/supervoxels.ts";
import { verifyChaost2 } from "../src/stages/verify_chaost2.ts";
import { fewShot } from "./common/few_shot.ts";
import { commonSchema, presetConfiguration } from "./common/presets.ts";

/** Where the raw files lie unless `--data` says otherwise. */
const DATA = "data/chaost2";

const [inPlaneMm, , sliceSpacingMm] = CHAOST2_GRID.spacingMm;

/** Field of view in mm: 256 voxels of 1.25 mm as published; smaller presets have fewer and larger voxels. */
const FIELD_MM = inPlaneMm * CHAOST2_GRID.side;

/** CHAOST2, abdominal MR (CHAOS 2019, T2-SPIR), from DICOM and PNG to scores. */
export default experiment({
  name: "chaost2",
  about: "abdominal MR: CHAOS 2019, T2-SPIR",
  defaultPreset: "paper",
  schema: commonSchema.extend({
    normalize: z.object({ cutPercent: z.number().min(0).max(100), sliceSpacingMm: z.number().positive() }),
  }),
  defaults: ({ preset }) => {
    const common = presetConfiguration(preset, { even: true });
    return {
      ...common,
      test: { ...common.test, labels: [...CHAOST2_TEST_LABELS] },
      normalize: { cutPercent: 0.5, sliceSpacingMm },
    };
  },
  async prepare(_, { data = DATA, fold, protocol }, warn) {
    const files = await findChaost2(data);
    files.warnings.forEach(warn);
    return {
      files,
      fold: casesOnDisk(foldFor(CHAOST2_IDS, { dataset: "CHAOST2", protocol, fold }), [...files.series.keys()], {
        number: fold,
        file: (id) => `MR/${id}/T2SPIR`,
        warn,
      }),
    };
  },
  async *verify(_, { data = DATA }) {
    yield* verifyChaost2(await listChaost2(data));
  },
  build({ files, fold }, config, choices) {
    const side = config.network.image;
    const series = rawCases(files.series);
    const { images } = dicom({ series }, {});
    const truth = labels({ images, ground: rawCases(files.ground), series }, {});
    const recipe = {
      cutPercent: config.normalize.cutPercent,
      spacingMm: [FIELD_MM / side, FIELD_MM / side, config.normalize.sliceSpacingMm] as [number, number, number],
      size: side,
    };
    const volumes = normalizeMrCases({ images, labels: truth.labels }, {
      ...recipe,
      labelValues: CHAOST2_CLASSES.map((_, label) => label),
    });
    sliceIndex({ labels: volumes.labels }, { classes: [...CHAOST2_CLASSES], minPixels: [1, 100] });
    const { pseudo } = supervoxels({ images: volumes.images }, config.supervoxels);
    return fewShot({ ...volumes, pseudo, fold }, config, choices, {
      experiment: "chaost2",
      dataset: "CHAOST2",
      classes: CHAOST2_CLASSES,
      preprocessing: [{ stage: "normalize", ...recipe }],
    });
  },
});
