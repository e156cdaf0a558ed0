import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { writeNifti } from "../imaging/files/nifti_file.ts";
import type { Volume } from "../imaging/volume.ts";
import { phantomCase, type PhantomOptions } from "../phantom/scan.ts";

/** A cohort of which some cases have labels. */
export interface NnunetPhantomOptions extends PhantomOptions {
  /** How many cases have labels: the first ones. */
  labelled: number;
  /** Whether of each class only the slice that shows most of it is labelled. */
  oneSlice: boolean;
}

/** What is labelled: name in `dataset.json`, where values have no gaps, and number in the phantom, which is SABS's. */
const STRUCTURES: readonly (readonly [name: string, sabsNumber: number])[] = [
  ["spleen", 1],
  ["kidney_right", 2],
  ["kidney_left", 3],
  ["liver", 6],
  ["stomach", 7],
  ["aorta", 8],
];

/** Most cases: names of three digits are sorted as numbers are. */
export const MOST_NNUNET_CASES = 999;

/** Name of a case by its number in the cohort, from 0. */
function caseName(number: number): string {
  return `phantom_${String(number + 1).padStart(3, "0")}`;
}

/** A synthetic abdominal CT and its labels with the values of `dataset.json`. */
export function nnunetPhantomCase(
  number: number,
  options: Pick<NnunetPhantomOptions, "size" | "slices" | "seed" | "oneSlice" | "cases">,
): { image: Volume; label: Volume } {
  const { image, label } = phantomCase(number, options);
  const values = new Map(STRUCTURES.map(([, sabsNumber], i) => [sabsNumber, i + 1]));
  const data = Uint8Array.from(label.data, (sabsNumber) => values.get(sabsNumber) ?? 0);
  return { image, label: options.oneSlice ? fullestSlices({ ...label, data }) : { ...label, data } };
}

/** Labels of which each class is left on the slice that shows most of it alone, the first among equals. */
export function fullestSlices({ data, size, ...grid }: Volume): Volume {
  const area = size[0] * size[1];
  const counts = new Map<number, Uint32Array>(); // voxels by class and slice
  for (let i = 0; i < data.length; i++) {
    if (data[i] === 0) continue;
    let bySlice = counts.get(data[i]);
    if (!bySlice) counts.set(data[i], bySlice = new Uint32Array(size[2]));
    bySlice[Math.floor(i / area)]++;
  }
  const fullest = new Map([...counts].map(([value, bySlice]) => [value, bySlice.indexOf(Math.max(...bySlice))]));
  const left = Uint8Array.from(data, (value, i) => fullest.get(value) === Math.floor(i / area) ? value : 0);
  return { data: left, size, ...grid };
}

/** Writes a cohort in nnU-Net's raw layout, v2: images of all cases, labels of the first ones. */
export async function writeNnunetPhantom(
  dir: string,
  options: NnunetPhantomOptions,
  onCase: (done: number) => void = () => {},
): Promise<void> {
  const { cases, labelled } = options;
  const names = Array.from({ length: cases }, (_, number) => caseName(number));
  for (const folder of ["imagesTr", "labelsTr"]) await mkdir(join(dir, folder), { recursive: true });
  const about = {
    name: "Phantom",
    description: "synthetic abdominal CT",
    channel_names: { 0: "CT" },
    labels: { background: 0, ...Object.fromEntries(STRUCTURES.map(([name], i) => [name, i + 1])) },
    numTraining: labelled, // as nnU-Net counts: cases with labels
    file_ending: ".nii.gz",
  };
  await writeFile(join(dir, "dataset.json"), JSON.stringify(about, undefined, 1) + "\n");
  for (const [number, name] of names.entries()) {
    const { image, label } = nnunetPhantomCase(number, options);
    await writeNifti(join(dir, "imagesTr", `${name}_0000.nii.gz`), image);
    if (number < labelled) await writeNifti(join(dir, "labelsTr", `${name}.nii.gz`), label);
    onCase(number + 1);
  }
}
