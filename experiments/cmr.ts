import { z } from "zod";
import { CMR_CASES, CMR_CLASSES, CMR_LABEL_VALUES, findCmr, listCmr } from "../src/datasets/cmr.ts";
import { casesOnDisk } from "../src/fewshot/cases_on_disk.ts";
import { foldFor } from "../src/fewshot/folds.ts";
import { experiment, rawCases } from "../src/pipeline/mod.ts";
import { normalizeMrCases } from "../src/stages/normalize_mr.ts";
import { sliceIndex } from "../src/stages/slice_index.ts";
import { supervoxels } from "../src/stages/supervoxels.ts";
import { verifyVolumes } from "../src/stages/verify_volumes.ts";
import { fewShot } from "./common/few_shot.ts";
import { CMR_MIN_VOXELS, commonSchema, presetConfiguration } from "./common/presets.ts";

/** Where the raw files lie unless `--data` says otherwise. */
const DATA = "data/cmr";

/** Field of view in mm: 256 voxels of 1.25 mm as published; smaller presets have fewer and larger voxels. */
const FIELD_MM = 1.25 * 256;

/** CMR, cardiac MR (MS-CMRSeg 2019, balanced SSFP). */
export default experiment({
  name: "cmr",
  about: "cardiac MR: MS-CMRSeg 2019, balanced SSFP",
  defaultPreset: "paper",
  schema: commonSchema.extend({
    normalize: z.object({ cutPercent: z.number().min(0).max(100), sliceSpacingMm: z.number().positive() }),
  }),
  defaults: ({ preset }) => ({
    ...presetConfiguration(preset, { even: true, minVoxels: CMR_MIN_VOXELS, snapshot: 40000 }),
    normalize: { cutPercent: 0.5, sliceSpacingMm: 7.99 },
  }),
  async prepare(_, { data = DATA, fold, setting, protocol }, warn) {
    const files = await findCmr(data);
    files.warnings.forEach(warn);
    if (setting === 2 && protocol === "published") {
      warn("Setting 2 leaves no slice out: as published, training looks for 1, 2, 3 where CMR stores 200, 500, 600");
    }
    return {
      files,
      fold: casesOnDisk(foldFor(CMR_CASES, { dataset: "CMR", protocol, fold }), [...files.images.keys()], {
        number: fold,
        file: (id) => `patient${id}_C0.nii.gz`,
        warn,
      }),
    };
  },
  async *verify(_, { data = DATA }) {
    yield* verifyVolumes(await listCmr(data), { classes: CMR_LABEL_VALUES });
  },
  build({ files, fold }, config, choices) {
    const side = config.network.image, inPlaneMm = FIELD_MM / side;
    const recipe = {
      cutPercent: config.normalize.cutPercent,
      spacingMm: [inPlaneMm, inPlaneMm, config.normalize.sliceSpacingMm] as [number, number, number],
      size: side,
    };
    const volumes = normalizeMrCases({ images: rawCases(files.images), labels: rawCases(files.labels) }, {
      ...recipe,
      labelValues: [...CMR_LABEL_VALUES],
    });
    const classes = [...CMR_CLASSES], labelValues = [...CMR_LABEL_VALUES];
    sliceIndex({ labels: volumes.labels }, { classes, minPixels: [1, 100], labelValues });
    const { pseudo } = supervoxels({ images: volumes.images }, config.supervoxels);
    return fewShot({ ...volumes, pseudo, fold }, config, choices, {
      experiment: "cmr",
      dataset: "CMR",
      classes,
      labelValues,
      preprocessing: [{ stage: "normalize", ...recipe }],
    });
  },
});
