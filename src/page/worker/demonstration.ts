/// <reference lib="dom" />
import { encodeNifti } from "../../imaging/io/nifti_encode.ts";
import { phantomCase } from "../../phantom/scan.ts";
import type { Answer } from "../protocol.ts";

/** The cohort of `pipeline phantom`: the model in the page has seen none of the patients that are shown. */
const COHORT = { cases: 11, size: 192, slices: 24, seed: 2023 };

/** Patients of its test fold: the first one is painted. */
const PATIENTS = [2, 0];

/** The structure that is painted, by its value in the cohort. */
const LIVER = { value: 6, name: "liver" };

/** Two synthetic scans to try the page on, and one slice of the first with its liver painted. */
export function demonstration(): Answer<"makePhantoms"> {
  const cases = PATIENTS.map((number) => phantomCase(number, COHORT));
  const files = cases.map(({ image }, i) => ({
    path: `phantom-${i + 1}.nii`,
    content: new Blob([encodeNifti(image)]),
  }));
  const { label } = cases[0], area = label.size[0] * label.size[1];
  const areas = new Uint32Array(label.size[2]);
  for (let i = 0; i < label.data.length; i++) if (label.data[i] === LIVER.value) areas[Math.floor(i / area)]++;
  const fullest = areas.indexOf(Math.max(...areas));
  const data = Uint8Array.from(label.data, (value, i) => {
    return Number(value === LIVER.value && Math.floor(i / area) === fullest);
  });
  return { files, label: { ...label, data }, value: 1, name: LIVER.name };
}
