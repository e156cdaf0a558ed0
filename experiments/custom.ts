import { z } from "zod";
import { customGrids, findNnunet } from "../src/datasets/nnunet.ts";
import { customFold } from "../src/fewshot/folds.ts";
import { experiment, rawCases } from "../src/pipeline/mod.ts";
import { normalize } from "../src/stages/normalize.ts";
import { sliceIndex } from "../src/stages/slice_index.ts";
import { supervoxels } from "../src/stages/supervoxels.ts";
import { fewShot } from "./common/few_shot.ts";
import { commonSchema, presetConfiguration } from "./common/presets.ts";

/** A user's own volumes and labels in nnU-Net's raw layout. */
export default experiment({
  name: "custom",
  about: "your own data set in nnU-Net's raw layout",
  defaultPreset: "tiny",
  schema: commonSchema.extend({
    data: z.object({
      sliceAxis: z.union([z.literal(0), z.literal(1), z.literal(2)]).nullable(),
      sliceSpacingMm: z.number().positive().nullable(),
    }),
  }),
  defaults: ({ preset }) => ({ ...presetConfiguration(preset), data: { sliceAxis: null, sliceSpacingMm: null } }),
  async prepare(config, { data = "data/custom", fold, seed }, warn) {
    const dataset = await findNnunet(data);
    dataset.warnings.forEach(warn);
    const ids = [...dataset.images.keys()];
    const grids = await customGrids(dataset, {
      side: config.network.image,
      sliceAxis: config.data.sliceAxis ?? undefined,
    });
    return { dataset, grids, ids, fold: customFold(ids, fold, seed) };
  },
  build({ dataset, grids, fold }, config, choices) {
    const recipe = {
      intensity: dataset.modality === "ct" ? { lowerHU: -125, upperHU: 275 } : { cutPercent: 0.5 },
      inPlaneMm: grids.inPlaneMm,
      sliceSpacingMm: config.data.sliceSpacingMm,
      side: config.network.image,
    };
    const volumes = normalize({ images: rawCases(dataset.images), labels: rawCases(dataset.labels) }, {
      ...recipe,
      orientations: grids.orientations,
      classes: dataset.classes.length,
    });
    sliceIndex({ labels: volumes.labels }, { classes: dataset.classes, minPixels: [1, 100] });
    const { pseudo } = supervoxels({ images: volumes.images }, config.supervoxels);
    return fewShot({ ...volumes, pseudo, fold }, config, choices, {
      experiment: "custom",
      dataset: dataset.name,
      classes: dataset.classes,
      preprocessing: [{ stage: "normalize", ...recipe }],
    });
  },
});
