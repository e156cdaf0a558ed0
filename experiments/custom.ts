import { z } from "zod";
import { customGrids, findNnunet, listNnunet, type NnunetDataset } from "../src/datasets/nnunet.ts";
import { customFold } from "../src/fewshot/folds.ts";
import { splitFold } from "../src/fewshot/splits.ts";
import { experiment, rawCases } from "../src/pipeline/mod.ts";
import { normalize } from "../src/stages/normalize.ts";
import { sliceIndex } from "../src/stages/slice_index.ts";
import { supervoxels } from "../src/stages/supervoxels.ts";
import { verifyVolumes } from "../src/stages/verify_volumes.ts";
import { fewShot } from "./common/few_shot.ts";
import { commonSchema, presetConfiguration } from "./common/presets.ts";

/** Where the raw files lie unless `--data` says otherwise. */
const DATA = "data/custom";

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
  async prepare(config, { data = DATA, fold, seed }, warn) {
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
  async *verify({ data: scheme }, { data = DATA }) {
    const dataset = await listNnunet(data);
    const windowHU = isWindowed(scheme, dataset) ? scheme.windowHU : undefined;
    yield* verifyVolumes(dataset, { classes: dataset.classes.length, windowHU });
  },
  build({ dataset, grids, fold }, config, choices) {
    const { windowHU: [lowerHU, upperHU], cutPercent, inPlaneMm, sliceSpacingMm } = config.data;
    const recipe = {
      intensity: isWindowed(config.data, dataset) ? { lowerHU, upperHU } : { cutPercent },
      inPlaneMm: inPlaneMm ?? grids.inPlaneMm,
      sliceSpacingMm,
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

/** Whether intensities go through the window of HU, else through the percentile. */
function isWindowed({ intensity }: { intensity: "channel" | "window" | "percentile" }, { modality }: NnunetDataset) {
  return intensity === "window" || intensity === "channel" && modality === "ct";
}
