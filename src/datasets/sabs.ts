import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../errors.ts";
import { type NiftiHeader, readNiftiHeader } from "../imaging/io/nifti.ts";

/** Class names of SABS by label value (preprocessing reference, labels). */
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

/** Ids of the published cases. */
export const SABS_CASES: readonly string[] = Array.from({ length: 30 }, (_, i) => String(i));

/** The number of a case in the names of its files: 0…9 are 0001…0010, 10…29 are 0021…0040. */
export function sabsFileNumber(id: string): string {
  const position = Number(id);
  return String(position < 10 ? position + 1 : position + 11).padStart(4, "0");
}

/** Raw files of a data set, by case id, in the order of the cases. */
export interface RawFiles {
  /** Image of every case. */
  images: Map<string, string>;
  /** Labels of every case. */
  labels: Map<string, string>;
  /** What deserves attention but stops nothing. */
  warnings: string[];
}

/** What lies in a raw folder: the cases that have both files, and what is wrong with the others. */
export interface Listing extends RawFiles {
  /** Files without their partner, by case id: what is wrong with each. */
  unpaired: Map<string, string>;
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

/**
 * The files of a folder by the number in their name; none if there is no such folder.
 *
 * @param pattern of the whole name, the number its first group
 * @throws {UserError} for two files of one number
 */
export async function numbered(dir: string, pattern: RegExp): Promise<Map<number, string>> {
  const found = new Map<number, string>();
  for (const name of (await readdir(dir).catch(() => [])).sort()) {
    const match = pattern.exec(name);
    if (!match) continue;
    const n = Number(match[1]), other = found.get(n);
    if (other) {
      throw new UserError(
        "data",
        `Cannot use "${
          join(dir, name)
        }": expected one file of number ${n}, found "${other}" as well. Remove one of them`,
      );
    }
    found.set(n, join(dir, name));
  }
  return found;
}

/** Refuses a path that is no folder. */
export async function expectFolder(dir: string, expected: string): Promise<void> {
  if (await stat(dir).then((found) => found.isDirectory(), () => false)) return;
  throw new UserError("data", `Cannot find the data folder "${dir}": expected ${expected}. Give it by --data`);
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

/**
 * A listing whose files can all be used, as far as their headers tell.
 *
 * @throws {UserError} with all problems at once
 */
export async function usable<T extends Listing>(listing: T): Promise<T> {
  refuseProblems([...listing.unpaired.values(), ...await gridProblems(listing)]);
  return listing;
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

/** Shares of a voxel by which spacings, and places of corners, may differ. */
const SPACING_SHARE = 1e-3, PLACE_SHARE = 0.5;

/** Files that cannot be read, and labels that lie on another grid than their image; another place only warns. */
export async function gridProblems({ images, labels, warnings }: RawFiles): Promise<string[]> {
  const problems: string[] = [];
  for (const [id, image] of images) {
    try {
      const [a, b] = [await readNiftiHeader(image), await readNiftiHeader(labels.get(id)!)];
      if (a.size.join() !== b.size.join()) {
        problems.push(
          `"${labels.get(id)}": expected the grid of its image, ${a.size.join(" × ")}, found ${b.size.join(" × ")}`,
        );
      } else if (a.spacing.some((mm, k) => Math.abs(mm - b.spacing[k]) > SPACING_SHARE * mm)) {
        const [expected, found] = [a, b].map(({ spacing }) => spacing.map((mm) => Number(mm.toFixed(4))).join(" × "));
        problems.push(
          `"${labels.get(id)}": expected the voxel spacing of its image, ${expected} mm, found ${found} mm`,
        );
      } else if (cornerDistance(a, b) > PLACE_SHARE * Math.min(...a.spacing)) {
        warnings.push(
          `"${labels.get(id)}" lies elsewhere than its image (${
            cornerDistance(a, b).toFixed(1)
          } mm); it is used voxel by voxel`,
        );
      }
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      problems.push(error.message);
    }
  }
  return problems;
}

/** Largest distance in mm of the corners of two grids of one size. */
function cornerDistance(a: NiftiHeader, b: NiftiHeader): number {
  let largest = 0;
  for (let corner = 0; corner < 8; corner++) {
    const voxel = a.size.map((n, k) => (corner >> k & 1) * (n - 1));
    const place = ({ affine }: NiftiHeader, row: number) =>
      voxel.reduce((sum, v, k) => sum + affine[4 * row + k] * v, affine[4 * row + 3]);
    largest = Math.max(largest, Math.hypot(...[0, 1, 2].map((row) => place(a, row) - place(b, row))));
  }
  return largest;
}

/** Throws all problems as one error, if there are any. */
export function refuseProblems(problems: readonly string[]): void {
  if (problems.length === 0) return;
  const count = problems.length === 1 ? "a problem" : `${problems.length} problems`;
  throw new UserError(
    "data",
    `Cannot use the raw data, ${count}:\n${problems.map((problem) => `  ${problem}`).join("\n")}`,
  );
}
