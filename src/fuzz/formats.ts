import type { FuzzFormat } from "./format.ts";
import { caseRecord, manifest, memory, metrics, snapshot } from "./formats/artifacts.ts";
import { dataset, splits } from "./formats/datasets.ts";
import { dicom, dicomConversion } from "./formats/dicom.ts";
import { nifti } from "./formats/nifti.ts";
import { png } from "./formats/png.ts";
import { pthLegacy, pthZip, safetensors } from "./formats/weights.ts";
import { selfTest } from "./self_test.ts";

/** The formats that are fuzzed, by the names that the task `fuzz` takes. */
export const FORMATS: Readonly<Record<string, FuzzFormat>> = {
  nifti,
  dicom,
  "dicom-conversion": dicomConversion,
  png,
  dataset,
  splits,
  safetensors,
  "pth-zip": pthZip,
  "pth-legacy": pthLegacy,
  snapshot,
  manifest,
  metrics,
  "case-record": caseRecord,
  memory,
};

/** The format of a name. */
export function formatOf(name: string): FuzzFormat {
  return name === SELF_TEST ? selfTest : FORMATS[name];
}

/** Name under which tests have the campaign itself go wrong. */
const SELF_TEST = "self-test";
