import { join } from "node:path";
import { UserError } from "../errors.ts";
import { readNiftiHeader } from "../imaging/files/nifti_file.ts";
import type { Labelling } from "../imaging/labelling.ts";
import { expectFolder, type Listing, numbered, type RawFiles, usable } from "./raw_files.ts";

/** Class names of SABS by label value (docs/reference/preprocessing.md, 2). */
export const SABS_CLASSES: readonly string[] = [
  "BG",
  "SPLEEN",
  "RK",
  "LK",
  "GALLBLADDER",
  "ESOPHAGUS",
  "LIVER",
  "STOMACH",
  "AORTA",
  "IVC",
  "PS_VEIN",
  "PANCREAS",
  "AG_R",
  "AG_L",
];

/** Label values that are tested. */
export const SABS_TEST_LABELS: readonly number[] = [1, 2, 3, 6];

/** Files hold the class numbers themselves. */
export const SABS_LABELLING: Labelling = { values: SABS_CLASSES.map((_, label) => label) };

/** Ids of the published cases. */
export const SABS_CASES: readonly string[] = Array.from({ length: 30 }, (_, i) => String(i));

/** The number of a case in the names of its files: 0…9 are 0001…0010, 10…29 are 0021…0040. */
export function sabsFileNumber(id: string): string {
  const position = Number(id);
  return String(position < 10 ? position + 1 : position + 11).padStart(4, "0");
}

/** Places of `img` and `label` below the folder that a user gives. */
const LAYOUTS = ["", "RawData/Training", "Training", "RawData"];

/**
 * Finds the raw SABS files: `img/img<n>.nii.gz` and `label/label<n>.nii.gz`, paired by number.
 *
 * @throws {UserError} with all problems at once
 */
export async function findSabs(dir: string): Promise<RawFiles> {
  return await usable(await listSabs(dir));
}

/**
 * Lists the raw SABS files, also those that cannot be used.
 *
 * @throws {UserError} if there are none
 */
export async function listSabs(dir: string): Promise<Listing> {
  await expectFolder(dir, "RawData/Training/img below it");
  for (const layout of LAYOUTS) {
    const images = await numbered(join(dir, layout, "img"), /^img0*(\d+)\.nii(\.gz)?$/);
    const labels = await numbered(join(dir, layout, "label"), /^label0*(\d+)\.nii(\.gz)?$/);
    if (images.size + labels.size > 0) return pair(images, labels);
  }
  throw new UserError(
    "data",
    `Cannot find scans in "${dir}": expected RawData/Training/img/img0001.nii.gz and RawData/Training/label/label0001.nii.gz, ` +
      "found neither",
  );
}

function pair(images: Map<number, string>, labels: Map<number, string>): Listing {
  const numbers = [...new Set([...images.keys(), ...labels.keys()])].sort((a, b) => a - b);
  const published = numbers.every((n) => n >= 1 && n <= 10 || n >= 21 && n <= 40);
  const result: Listing = { images: new Map(), labels: new Map(), unpaired: new Map(), warnings: [] };
  for (const [position, n] of numbers.entries()) {
    const id = String(published ? (n <= 10 ? n - 1 : n - 11) : position);
    const image = images.get(n), label = labels.get(n);
    if (image && label) {
      result.images.set(id, image);
      result.labels.set(id, label);
    } else {
      const missing = image ? "a label" : "an image";
      result.unpaired.set(id, `"${image ?? label}": expected ${missing} of number ${n}, found none`);
    }
  }
  if (!published) {
    result.warnings.push(
      "file numbers are not those of SABS (1 to 10, 21 to 40): cases are numbered by their position",
    );
  }
  return result;
}

/** The longest side of a slice in voxels, over all cases. */
export async function longestSide({ images }: RawFiles): Promise<number> {
  let longest = 0;
  for (const path of images.values()) {
    const { size } = await readNiftiHeader(path);
    longest = Math.max(longest, size[0], size[1]);
  }
  return longest;
}
