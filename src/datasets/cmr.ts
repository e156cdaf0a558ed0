import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { UserError } from "../errors.ts";
import type { Labelling } from "../imaging/labelling.ts";
import { expectFolder, type Listing, numbered, type RawFiles, usable } from "./raw_files.ts";

/** Class names of CMR in order (docs/reference/preprocessing.md, 2). */
export const CMR_CLASSES: readonly string[] = ["BG", "LV-MYO", "LV-BP", "RV"];

/** Label value that the files hold for every class. */
export const CMR_LABELLING: Labelling = { values: [0, 200, 500, 600] };

/** Ids of the published cases: those whose balanced SSFP (C0) image has labels. */
export const CMR_CASES: readonly string[] = Array.from({ length: 35 }, (_, i) => String(i + 1));

/** A place of the files: folders below the one that a user gives, and patterns of the names. */
interface Layout {
  image: [folder: string, name: RegExp];
  label: [folder: string, name: RegExp];
}

const IMAGE = /^patient0*(\d+)_C0\.nii(\.gz)?$/, LABEL = /^patient0*(\d+)_C0_manual\.nii(\.gz)?$/;
const RENAMED_IMAGE = /^image_0*(\d+)\.nii(\.gz)?$/, RENAMED_LABEL = /^label_0*(\d+)\.nii(\.gz)?$/;

/** As downloaded; the same in one folder; as the published scripts have them renamed. */
const LAYOUTS: readonly Layout[] = [
  { image: ["c0t2lge", IMAGE], label: ["c0gt", LABEL] },
  { image: ["", IMAGE], label: ["", LABEL] },
  { image: ["bSSFP", RENAMED_IMAGE], label: ["bSSFP", RENAMED_LABEL] },
  { image: ["", RENAMED_IMAGE], label: ["", RENAMED_LABEL] },
];

/**
 * Finds the raw CMR files of MS-CMRSeg 2019: `c0t2lge/patient<n>_C0.nii.gz` and `c0gt/patient<n>_C0_manual.nii.gz`. T2 and
 * LGE images are left alone, and so are C0 images without labels beyond the published 35.
 *
 * @throws {UserError} with all problems at once
 */
export async function findCmr(dir: string): Promise<RawFiles> {
  return await usable(await listCmr(dir));
}

/**
 * Lists the raw CMR files, also those that cannot be used.
 *
 * @throws {UserError} if there are none
 */
export async function listCmr(dir: string): Promise<Listing> {
  await expectFolder(dir, "c0t2lge and c0gt in it");
  for (const root of await roots(dir)) {
    for (const { image, label } of LAYOUTS) {
      const images = await numbered(join(root, image[0]), image[1]);
      const labels = await numbered(join(root, label[0]), label[1]);
      if (images.size > 0 && labels.size > 0) return pair(images, labels);
    }
  }
  throw new UserError(
    "data",
    `Cannot find scans in "${dir}": expected c0t2lge/patient1_C0.nii.gz and c0gt/patient1_C0_manual.nii.gz, found no such pair`,
  );
}

/** The folder itself, those in it, and the one around it if a user gave one of the two. */
async function roots(dir: string): Promise<string[]> {
  const inner = (await readdir(dir, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  const outer = /^c0(t2lge|gt)$/.test(basename(dir)) ? [dirname(dir)] : [];
  return [dir, ...outer, ...inner.map(({ name }) => join(dir, name)).sort()];
}

function pair(images: Map<number, string>, labels: Map<number, string>): Listing {
  const result: Listing = { images: new Map(), labels: new Map(), unpaired: new Map(), warnings: [] };
  const without: number[] = [];
  for (const n of [...new Set([...images.keys(), ...labels.keys()])].sort((a, b) => a - b)) {
    const id = String(n), image = images.get(n), label = labels.get(n);
    if (image && label) {
      result.images.set(id, image);
      result.labels.set(id, label);
    } else if (image && !CMR_CASES.includes(id)) without.push(n);
    else {
      const missing = image ? "a label" : "an image";
      result.unpaired.set(id, `"${image ?? label}": expected ${missing} of patient ${n}, found none`);
    }
  }
  if (without.length > 0) {
    result.warnings.push(
      `${without.length} of ${images.size} C0 images have no labels (patients ${
        without.join(", ")
      }); they are left out`,
    );
  }
  return result;
}
