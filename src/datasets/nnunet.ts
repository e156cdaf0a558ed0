import { join } from "node:path";
import { UserError } from "../errors.ts";
import { type Cohort, CohortFault, cohortOf } from "../imaging/cohort.ts";
import type { Grid } from "../imaging/geometry.ts";
import { listDicom } from "../imaging/files/dicom_folder.ts";
import { type Description, readDescription } from "./nnunet_description.ts";
import { expectFolder, isFolder, type Listing, lookAtGrids, refuseProblems, visibleNames } from "./raw_files.ts";
import { readRawGrid } from "./raw_volumes.ts";
import { readSplits, type Split } from "./splits_file.ts";

/** A data set of a user's own. */
export interface UserDataset extends Listing {
  /** What `dataset.json` says. */
  about: Description;
  /** Images that are segmented and not trained on, of `imagesTs`, by case id. */
  further: Map<string, string>;
  /** Cases without labels whose files cannot be used: why. They are in none of the others. */
  leftOut: ReadonlyMap<string, string>;
  /** The user's own cross-validation from `splits_final.json`, if there is one. */
  splits?: Split[];
}

/** {@link listNnunet}, and {@link usableCases} of it. */
export async function findNnunet(dir: string): Promise<UserDataset> {
  return await usableCases(await listNnunet(dir));
}

/**
 * The cases of a listing that can be used, as far as headers tell. Cases without labels that cannot are left out, unless nothing
 * else is there.
 *
 * @throws {UserError} with all problems at once
 */
export async function usableCases(listing: UserDataset): Promise<UserDataset> {
  const { images, labels, further } = listing;
  const { problems, warnings } = await lookAtGrids(listing, { published: false });
  const ofFurther = await lookAtGrids({ images: further, labels: new Map() }, { published: false });
  const serious = [...problems].filter(([id]) => labels.has(id) || problems.size === images.size);
  refuseProblems([...listing.unpaired.values(), ...serious.map(([, problem]) => problem)]);
  const leftOut = new Map([...problems, ...ofFurther.problems]);
  const usable = (files: ReadonlyMap<string, string>) => new Map([...files].filter(([id]) => !leftOut.has(id)));
  return {
    ...listing,
    images: usable(images),
    further: usable(further),
    leftOut,
    warnings: [...listing.warnings, ...warnings, ...ofFurther.warnings],
  };
}

/** Endings of volumes and pictures that are read; which of the two NIfTI forms a file has, its bytes tell. */
export const VOLUME_ENDING = /\.nii\.gz$|\.nii$|\.png$/i;

/** The channel that nnU-Net writes after a case's name. */
export const CHANNEL = /^(.+)_(\d{4})$/;

/**
 * Lists a data set in nnU-Net's raw layout, v2 or v1, or of the Medical Segmentation Decathlon, also the cases that cannot be
 * used: `dataset.json`, `imagesTr`, `labelsTr`, and `imagesTs` where it is there.
 *
 * @throws {UserError} if there are no cases, or their description cannot be used
 */
export async function listNnunet(dir: string): Promise<UserDataset> {
  await expectFolder(dir, "dataset.json and imagesTr in it");
  const about = await readDescription(dir);
  const warnings: string[] = [];
  const images = await listImages(join(dir, "imagesTr"), about, warnings);
  const labels = await listFiles(join(dir, "labelsTr"));
  if (images.size + labels.size === 0) {
    throw new UserError("data", `Cannot find scans in "${dir}": expected imagesTr/<case>_0000.nii.gz, found none`);
  }
  const unpaired = new Map<string, string>();
  for (const [id, file] of labels) {
    if (!images.has(id)) {
      unpaired.set(id, `"${file}": expected an image imagesTr/${id}_0000.nii.gz, found none. Move the label away`);
      labels.delete(id);
    }
  }
  const further: ReadonlyMap<string, string> = await isFolder(join(dir, "imagesTs"))
    ? await listImages(join(dir, "imagesTs"), about, warnings)
    : new Map();
  const sorted = (files: Iterable<[string, string]>) =>
    new Map([...files].sort(([a], [b]) => a < b ? -1 : a > b ? 1 : 0));
  const splits = await readSplits(join(dir, "splits_final.json"));
  const twice = [...further].find(([id]) => images.has(id));
  if (twice) refuseTwice(twice[0], images.get(twice[0])!, twice[1]);
  return {
    about,
    images: sorted(images),
    labels: sorted(labels),
    unpaired,
    leftOut: new Map(),
    further: sorted(further),
    warnings,
    splits,
  };
}

/** The images of a folder by case: files, or folders with a DICOM series, with or without the channel in their names. */
async function listImages(dir: string, about: Description, warnings: string[]): Promise<Map<string, string>> {
  const files = await listFiles(dir, { series: true });
  refuseChannels(files);
  // without any _0000 a name is a case's, as in the Decathlon
  const isNumbered = [...files.keys()].some((name) => CHANNEL.exec(name)?.[2] === "0000");
  if (!isNumbered && files.size > 0 && about.form === "nnU-Net v2") {
    warnings.push(`"${dir}": no file ends in _0000; their names are taken for those of the cases`);
  }
  const images = new Map<string, string>();
  for (const [name, path] of files) {
    const id = isNumbered ? CHANNEL.exec(name)?.[1] ?? name : name;
    const other = images.get(id);
    if (other) refuseTwice(id, other, path);
    images.set(id, path);
  }
  return images;
}

/**
 * Refuses files of further channels: `_0001` beside `_0000`.
 *
 * @param files paths by name without ending
 * @throws {UserError} naming the first
 */
export function refuseChannels(files: ReadonlyMap<string, string>): void {
  const channels = [...files].map(([name, path]) => ({ path, channel: CHANNEL.exec(name)?.[2] }));
  const second = channels.find(({ channel }) => channel !== undefined && channel !== "0000");
  if (!second || !channels.some(({ channel }) => channel === "0000")) return;
  throw new UserError(
    "data",
    `Cannot use "${second.path}": expected one channel a case, found a further one. Keep the channel to segment as _0000 ` +
      "and move the others away",
  );
}

/** Bytes of a case's name: file systems allow 255, and names of artifacts have more before and after it. */
const LONGEST_NAME = 180;

function refuseLongName(id: string, path: string): void {
  const { length } = new TextEncoder().encode(id);
  if (length <= LONGEST_NAME) return;
  throw new UserError(
    "data",
    `Cannot use "${path}": expected a name of at most ${LONGEST_NAME} bytes before its ending, since names of artifacts ` +
      `contain it, found ${length}. Rename the case, its label too`,
  );
}

function refuseTwice(id: string, one: string, other: string): never {
  throw new UserError(
    "data",
    `Cannot use "${other}": expected one file for "${id}", found "${one}" as well. Move one of them away`,
  );
}

/**
 * The files of a folder that may be volumes or pictures, by name without ending.
 *
 * @param options.series whether folders with DICOM files count
 * @throws {UserError} for other files, once for every ending
 */
async function listFiles(dir: string, { series = false } = {}): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const others = new Map<string, string[]>();
  for (const { name, path } of await visibleNames(dir)) {
    const ending = VOLUME_ENDING.exec(name)?.[0];
    if (await isFolder(path)) {
      // dcm2niix and others name folders like files, too
      if (!series || (await listDicom(path)).length === 0) {
        throw new UserError(
          "data",
          `Cannot use "${path}": expected ${series ? "a file, or a folder with a DICOM series" : "a file"}, found ` +
            `${series ? "a folder without one" : "a folder"}. Move it away`,
        );
      }
    } else if (ending === undefined) {
      const what = /\.[^.]*$/.exec(name)?.[0] ?? "";
      others.set(what, [...others.get(what) ?? [], path]);
      continue;
    }
    const id = ending === undefined ? name : name.slice(0, -ending.length);
    const other = found.get(id);
    if (other) refuseTwice(id, other, path);
    refuseLongName(id, path);
    found.set(id, path);
  }
  if (others.size > 0) {
    const lines = [...others].map(([ending, [first, ...more]]) =>
      `"${first}"${more.length > 0 ? ` and ${more.length} more` : ""}: ends in ${ending ? `"${ending}"` : "nothing"}`
    );
    throw new UserError(
      "data",
      `Cannot use "${dir}": expected files that end in .nii.gz, .nii or .png, found others. Convert them, or move them away:\n` +
        lines.map((line) => `  ${line}`).join("\n"),
    );
  }
  return found;
}

/** The images whose headers can be read. */
export async function readableImages(images: ReadonlyMap<string, string>): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const [id, path] of images) {
    const isReadable = await readRawGrid(path, () => {}).then(() => true, () => false);
    if (isReadable) found.set(id, path);
  }
  return found;
}

/**
 * How the cases of a user's data set are brought to one form, those of `imagesTs` included, which set no scale.
 *
 * @throws {UserError} where their slices do not run along one axis
 */
export async function customCohort(
  { images, about }: Pick<UserDataset, "images" | "about">,
  options: { side: number; sliceAxis?: 0 | 1 | 2 },
): Promise<Cohort> {
  const grids = new Map<string, Grid>();
  for (const [id, path] of images) grids.set(id, await readRawGrid(path, () => {}));
  try {
    const cohort = cohortOf(grids, options);
    const form = about.form ? [`dataset.json has the form of ${about.form}`] : [];
    return { ...cohort, decisions: [...form, ...cohort.decisions] };
  } catch (error) {
    if (error instanceof CohortFault) throw new UserError("data", `Cannot use the raw data: ${error.message}`);
    throw error;
  }
}
