import { z } from "zod";
import {
  findSabs,
  listSabs,
  longestSide,
  SABS_CASES,
  SABS_CLASSES,
  SABS_TEST_LABELS,
  sabsFileNumber,
} from "../src/datasets/sabs.ts";
import { casesOnDisk } from "../src/fewshot/cases_on_disk.ts";
import { foldFor } from "../src/fewshot/folds.ts";
import { experiment, rawCases } from "../src/pipeline/mod.ts";
import { resample } from "../src/stages/resample.ts";
import { sliceIndex } from "../src/stages/slice_index.ts";
import { supervoxels } from "../src/stages/supervoxels.ts";
import { verifyVolumes } from "../src/stages/verify_volumes.ts";
import { window } from "../src/stages/window.ts";
import { fewShot } from "./common/few_shot.ts";
import { commonSchema, presetConfiguration } from "./common/presets.ts";

/** Where the raw files lie unless `--data` says otherwise. */
const DATA = "data/sabs";

/** Soft tissue. */
const WINDOW = { lowerHU: -125, upperHU: 275 };

/** Share of a slice's side that is cut off on every side where `resample.border` is `null`: the published 32 of 512. */
const BORDER = 32 / 512;

/** SABS, the abdominal CT of the paper (Synapse "Beyond the Cranial Vault"). */
export default experiment({
  name: "sabs",
  about: "abdominal CT: Synapse, Beyond the Cranial Vault",
  defaultPreset: "paper",
  schema: commonSchema.extend({
    resample: z.object({
      full: z.int().min(1).nullable(),
      border: z.int().min(0).nullable(),
      target: z.int().min(1),
    }),
  }),
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
  async prepare({ resample: { full, border } }, { data = DATA, fold, protocol }, warn) {
    const files = await findSabs(data);
    files.warnings.forEach(warn);
    const side = full ?? await longestSide(files);
    return {
      files,
      frame: { full: side, border: border ?? Math.round(BORDER * side) },
      fold: casesOnDisk(foldFor(SABS_CASES, { dataset: "SABS", protocol, fold }), [...files.images.keys()], {
        number: fold,
        file: (id) => `img${sabsFileNumber(id)}.nii.gz`,
        warn,
      }),
    };
  },
  async *verify(_, { data = DATA }) {
    const windowHU = [WINDOW.lowerHU, WINDOW.upperHU] as const;
    yield* verifyVolumes(await listSabs(data), { classes: SABS_CLASSES.length, windowHU });
  },
  build({ files, frame, fold }, config, choices) {
    const raw = { images: rawCases(files.images), labels: rawCases(files.labels) };
    const windowed = window(raw, { ...WINDOW, classes: SABS_CLASSES.length });
    const grid = { ...frame, target: config.resample.target, side: config.network.image };
    const volumes = resample(windowed, grid);
    sliceIndex({ labels: volumes.labels }, { classes: [...SABS_CLASSES], minPixels: [1, 100] });
    const { pseudo } = supervoxels({ images: volumes.images }, config.supervoxels);
    return fewShot({ ...volumes, pseudo, fold }, config, choices, {
      experiment: "sabs",
      dataset: "SABS",
      classes: SABS_CLASSES,
      preprocessing: [{ stage: "window", ...WINDOW }, { stage: "resample", ...grid }],
    });
  },
});
