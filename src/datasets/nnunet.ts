import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { UserError } from "../errors.ts";
import { type NiftiHeader, readNiftiHeader } from "../imaging/io/nifti.ts";
import { commonSpacing, type Orientation, orientationLike, sliceAxis } from "../imaging/orient.ts";
import type { Triple } from "../imaging/volume.ts";
import { expectFolder, type Listing, type RawFiles, usable } from "./sabs.ts";

/** A data set in nnU-Net's raw layout. */
export interface NnunetDataset extends Listing {
  /** Its name. */
  name: string;
  /** `ct` where the channel says so, else `mr`. */
  modality: "ct" | "mr";
  /** Class names by label value, `BG` first. */
  classes: string[];
  /** The user's own cross-validation from `splits_final.json`, if there is one. */
  splits?: Split[];
}

/** One fold of nnU-Net's cross-validation. */
export interface Split {
  /** Ids of the training cases. */
  train: string[];
  /** Ids of the test cases. */
  val: string[];
}

/**
 * Reads a data set in nnU-Net's raw layout: `dataset.json`, `imagesTr/<case>_0000.nii.gz`, `labelsTr/<case>.nii.gz`.
 *
 * @throws {UserError} with all problems at once
 */
export async function findNnunet(dir: string): Promise<NnunetDataset> {
  return await usable(await listNnunet(dir));
}

/**
 * Lists a data set in nnU-Net's raw layout, also the cases that cannot be used.
 *
 * @throws {UserError} if there are none, or their description cannot be used
 */
export async function listNnunet(dir: string): Promise<NnunetDataset> {
  await expectFolder(dir, "dataset.json and imagesTr in it");
  const path = join(dir, "dataset.json");
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined) {
    throw new UserError("data", `Cannot find "${path}": expected nnU-Net's description of the data set`);
  }
  const about = parse(text, path);
  const channels = Object.values(about.channel_names ?? {});
  if (channels.length !== 1) {
    throw new UserError(
      "data",
      `Cannot use "${path}": expected one channel in channel_names, found ${channels.length}`,
    );
  }
  const classes: string[] = [];
  for (const [name, value] of Object.entries(about.labels ?? {})) {
    if (typeof value !== "number" || !Number.isInteger(value) || value < 0) {
      throw new UserError(
        "data",
        `Cannot use "${path}": expected a whole number from 0 as label of "${name}", found ${JSON.stringify(value)}`,
      );
    }
    if (classes[value] !== undefined) {
      throw new UserError(
        "data",
        `Cannot use "${path}": expected a label of its own for every class, found ${value} for "${name}" and another one`,
      );
    }
    classes[value] = value === 0 ? "BG" : name;
  }
  if (classes.length < 2 || classes.includes(undefined as never)) {
    throw new UserError(
      "data",
      `Cannot use "${path}": expected labels 0, 1, 2, … without gaps, found ${Object.values(about.labels ?? {})}`,
    );
  }
  const ending = about.file_ending ?? ".nii.gz";
  const images = await listed(join(dir, "imagesTr"), `_0000${ending}`),
    labels = await listed(join(dir, "labelsTr"), ending);
  if (images.size + labels.size === 0) {
    throw new UserError("data", `Cannot find scans in "${dir}": expected imagesTr/<case>_0000${ending}, found none`);
  }
  const further = await listed(join(dir, "imagesTr"), `_0001${ending}`);
  if (further.size > 0) {
    throw new UserError(
      "data",
      `Cannot use "${
        [...further.values()][0]
      }": expected one channel a case, found a second one. Keep the channel to segment ` +
        "as _0000 and move the others away",
    );
  }
  const unpaired = new Map<string, string>();
  for (const [id, file] of images) {
    if (!labels.has(id)) unpaired.set(id, `"${file}": expected labelsTr/${id}${ending}, found none`);
  }
  for (const [id, file] of labels) {
    if (!images.has(id)) unpaired.set(id, `"${file}": expected imagesTr/${id}_0000${ending}, found none`);
  }
  const ids = [...images.keys()].filter((id) => labels.has(id)).sort();
  const pick = (files: Map<string, string>) => new Map(ids.map((id) => [id, files.get(id)!]));
  const modality = String(channels[0]).toUpperCase() === "CT" ? "ct" : "mr";
  return {
    images: pick(images),
    labels: pick(labels),
    unpaired,
    warnings: [],
    name: about.name ?? basename(dir),
    modality,
    classes,
    splits: await readSplits(join(dir, "splits_final.json"), [...ids, ...unpaired.keys()]),
  };
}

/**
 * Reads nnU-Net's `splits_final.json`, a list of folds `{ train, val }` of case names.
 *
 * @param ids of all cases
 * @returns `undefined` if there is no such file
 * @throws {UserError} with all problems at once
 */
async function readSplits(path: string, ids: readonly string[]): Promise<Split[] | undefined> {
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const splits = parse(text, path) as unknown;
  const isList = (value: unknown) => Array.isArray(value) && value.every((id) => typeof id === "string");
  if (!Array.isArray(splits) || splits.length === 0 || !splits.every((one) => isList(one?.train) && isList(one?.val))) {
    throw new UserError(
      "data",
      `Cannot use "${path}": expected a list of folds { "train": […], "val": […] } of case names`,
    );
  }
  const problems: string[] = [];
  for (const [fold, { train, val }] of (splits as Split[]).entries()) {
    const all = [...train, ...val];
    const unknown = all.filter((id) => !ids.includes(id)), twice = all.filter((id, i) => all.indexOf(id) !== i);
    if (unknown.length > 0) problems.push(`fold ${fold}: expected names of cases, found ${unknown.join(", ")}`);
    if (twice.length > 0) problems.push(`fold ${fold}: expected every case once, found ${twice.join(", ")} twice`);
    if (val.length < 2) problems.push(`fold ${fold}: expected a support and a query case in val, found ${val.length}`);
    if (train.length === 0) problems.push(`fold ${fold}: expected training cases, found none`);
  }
  if (problems.length > 0) throw new UserError("data", `Cannot use "${path}":\n  ${problems.join("\n  ")}`);
  return (splits as Split[]).map(({ train, val }) => ({ train, val }));
}

interface Description {
  channel_names?: Record<string, string>;
  labels?: Record<string, unknown>;
  file_ending?: string;
  name?: string;
}

function parse(text: string, path: string): Description {
  try {
    return JSON.parse(text) as Description;
  } catch (error) {
    throw new UserError("data", `Cannot read "${path}": expected JSON, found ${(error as Error).message}`);
  }
}

async function listed(dir: string, ending: string): Promise<Map<string, string>> {
  const names = (await readdir(dir).catch(() => [])).filter((name) => name.endsWith(ending));
  return new Map(names.map((name) => [name.slice(0, -ending.length), join(dir, name)]));
}

/** How the cases of a user's data set are brought to one form. */
export interface CustomGrids {
  /** Rearrangement of the axes of every case, by id. */
  orientations: Record<string, Orientation>;
  /** Common in-plane spacing in mm. */
  inPlaneMm: number;
}

/**
 * Orientation of every case, as the first one's, and the spacing at which the largest in-plane extent fills the side
 * (contract, `custom`).
 */
export async function customGrids(
  { images }: RawFiles,
  { side, sliceAxis: chosen }: { side: number; sliceAxis?: 0 | 1 | 2 },
): Promise<CustomGrids> {
  const headers = new Map<string, NiftiHeader>();
  for (const [id, path] of images) headers.set(id, await readNiftiHeader(path));
  const [first] = headers.values();
  const axisOf = (header: NiftiHeader) => chosen ?? sliceAxis(header);
  const orientations: Record<string, Orientation> = {};
  const grids: { size: Triple; spacing: Triple }[] = [];
  for (const [id, header] of headers) {
    const orientation = orientationLike(header, axisOf(header), { volume: first, axis: axisOf(first) });
    orientations[id] = orientation;
    const { axes } = orientation;
    grids.push({
      size: axes.map((axis) => header.size[axis]) as Triple,
      spacing: axes.map((axis) => header.spacing[axis]) as Triple,
    });
  }
  return { orientations, inPlaneMm: commonSpacing(grids, side) };
}
