import { z } from "zod";
import { customGrids, findNnunet } from "../src/datasets/nnunet.ts";
import { customFold } from "../src/fewshot/folds.ts";
import { splitFold } from "../src/fewshot/splits.ts";
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
      /** The largest case fills a slice where `null`. */
      inPlaneMm: z.number().positive().nullable(),
      /** `channel` goes by the name of the channel in dataset.json. */
      intensity: z.enum(["channel", "window", "percentile"]),
      windowHU: z.tuple([z.number(), z.number()]).refine(([lower, upper]) => lower < upper, "expected [lower, upper]"),
      cutPercent: z.number().min(0).max(50),
    }),
  }),
  defaults: ({ preset }) => ({
    ...presetConfiguration(preset),
    data: {
      sliceAxis: null,
      sliceSpacingMm: null,
      inPlaneMm: null,
      intensity: "channel" as const,
      windowHU: [-125, 275] as [number, number],
      cutPercent: 0.5,
    },
  }),
  async prepare(config, { data = "data/custom", fold, seed }, warn) {
    const dataset = await findNnunet(data);
    dataset.warnings.forEach(warn);
    const ids = [...dataset.images.keys()];
    const grids = await customGrids(dataset, {
      side: config.network.image,
      sliceAxis: config.data.sliceAxis ?? undefined,
    });
    return {
      dataset,
      grids,
      fold: dataset.splits ? splitFold(dataset.splits, ids, fold) : customFold(ids, fold, seed),
    };
  },
  build({ dataset, grids, fold }, config, choices) {
    const { windowHU: [lowerHU, upperHU], cutPercent, intensity, inPlaneMm, sliceSpacingMm } = config.data;
    const isWindow = intensity === "window" || intensity === "channel" && dataset.modality === "ct";
    const volumes = normalize({ images: rawCases(dataset.images), labels: rawCases(dataset.labels) }, {
      intensity: isWindow ? { lowerHU, upperHU } : { cutPercent },
      orientations: grids.orientations,
      inPlaneMm: inPlaneMm ?? grids.inPlaneMm,
      sliceSpacingMm,
      side: config.network.image,
      classes: dataset.classes.length,
    });
    sliceIndex({ labels: volumes.labels }, { classes: dataset.classes, minPixels: [1, 100] });
    const { pseudo } = supervoxels({ images: volumes.images }, config.supervoxels);
    return fewShot({ ...volumes, pseudo, fold }, config, choices, {
      experiment: "custom",
      dataset: dataset.name,
      classes: dataset.classes,
    });
  },
});
