import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { UserError } from "../errors.ts";
import { byNumber } from "../imaging/class_map.ts";
import { listDicom, readDicomSeries } from "../imaging/files/dicom_folder.ts";
import { seriesGrid } from "../imaging/io/dicom_series.ts";
import { checkGround } from "./chaost2_labels.ts";
import { expectFolder, isFolder, refuseProblems } from "./raw_files.ts";
import { readRawGrid } from "./raw_volumes.ts";
import { sayRelation } from "../imaging/label_values.ts";

/** Raw CHAOST2 data by case id, in numeric order. */
export interface Chaost2Files {
  /** Folder with the DICOM files of every case, or the NIfTI file that somebody made of them. */
  series: Map<string, string>;
  /** Folder with the PNG files of every case, or a NIfTI file with label values. */
  ground: Map<string, string>;
  /** Cases that lack something: what. They are not in the other two. */
  incomplete: Map<string, string[]>;
  /** What deserves attention but stops nothing. */
  warnings: string[];
}

/** Places of the case folders below the folder that a user gives. */
const CASE_FOLDERS = ["", "MR", "Train_Sets/MR", "CHAOS_Train_Sets/Train_Sets/MR", "CHAOS_Train_Sets/MR"];

/** Places of volumes that were converted before. */
const CONVERTED_FOLDERS = ["", "niis/T2SPIR", "T2SPIR"];

const NIFTI = /\.nii(\.gz)?$/;

/**
 * Finds the T2-SPIR half of CHAOS MR and checks that it can be used, as far as headers tell.
 *
 * @throws {UserError} with all problems of all cases at once
 */
export async function findChaost2(dir: string): Promise<Chaost2Files> {
  const found = await listChaost2(dir);
  const problems = [...found.incomplete.values()].flat();
  for (const id of found.series.keys()) problems.push(...await gridProblems(found, id));
  refuseProblems(problems);
  return found;
}

/**
 * Lists the T2-SPIR half of CHAOS MR: `<id>/T2SPIR/DICOM_anon/*.dcm` and `<id>/T2SPIR/Ground/*.png`, or volumes that were
 * converted already (`data/README.md`); also the cases that cannot be used.
 *
 * @throws {UserError} if there are none
 */
export async function listChaost2(dir: string): Promise<Chaost2Files> {
  await expectFolder(dir, "Train_Sets/MR/<id>/T2SPIR below it, as CHAOS_Train_Sets.zip unpacks (data/README.md)");
  const result: Chaost2Files = { series: new Map(), ground: new Map(), incomplete: new Map(), warnings: [] };
  const isEmpty = () => result.series.size + result.incomplete.size === 0;
  for (const layout of CASE_FOLDERS) {
    for (const id of await caseIds(join(dir, layout))) await addCase(join(dir, layout, id), id, result);
    if (!isEmpty()) return result;
  }
  for (const layout of CONVERTED_FOLDERS) {
    await addConverted(join(dir, layout), result);
    if (!isEmpty()) return result;
  }
  throw new UserError(
    "data",
    `Cannot find scans in "${dir}": expected Train_Sets/MR/<id>/T2SPIR/DICOM_anon/*.dcm and …/T2SPIR/Ground/*.png, found ` +
      "neither. Unzip CHAOS_Train_Sets.zip there (data/README.md)",
  );
}

/** Names of the case folders in a folder, in numeric order; none if no case has the T2-SPIR sequence, as in the CT half. */
async function caseIds(folder: string): Promise<string[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(names.map((name) => isFolder(join(folder, name, "T2SPIR"))));
  return found.includes(true) ? names.sort(byNumber) : [];
}

/** Looks for image and ground truth of a case. */
async function addCase(folder: string, id: string, result: Chaost2Files): Promise<void> {
  const problems: string[] = [];
  const [sequence, dicom, ground] = ["T2SPIR", "T2SPIR/DICOM_anon", "T2SPIR/Ground"].map((path) => join(folder, path));
  const converted = [...await niftiFiles(sequence), ...await niftiFiles(dicom)];
  const images = converted.filter((path) => !isLabel(path)), labels = converted.filter(isLabel);
  if ((await listDicom(dicom)).length > 0) {
    result.series.set(id, dicom);
    if (images.length > 0) {
      result.warnings.push(`"${images[0]}" is left aside: the DICOM files of case ${id} are there`);
    }
  } else if (images.length === 1) result.series.set(id, images[0]);
  else if (images.length > 1) {
    problems.push(`"${sequence}": expected DICOM_anon/*.dcm or one converted volume, found ${images.length} volumes`);
  } else problems.push(`"${dicom}": expected the DICOM files of case ${id}, found none`);

  const pictures = (await readdir(ground).catch(() => [])).some((name) => /\.png$/i.test(name));
  if (pictures) result.ground.set(id, ground);
  else if (labels.length === 1) result.ground.set(id, labels[0]);
  else problems.push(`"${ground}": expected the PNG files of case ${id}, found none`);
  if (problems.length === 0) return;
  result.incomplete.set(id, problems);
  result.series.delete(id);
  result.ground.delete(id);
}

/** Looks for `image_<id>.nii.gz` and `label_<id>.nii.gz` in a folder. */
async function addConverted(folder: string, result: Chaost2Files): Promise<void> {
  const files = await niftiFiles(folder);
  const numbered = (kind: string) =>
    new Map(files.flatMap((path) => {
      const id = new RegExp(`^${kind}_(\\d+)\\.nii(\\.gz)?$`).exec(basename(path))?.[1];
      return id === undefined ? [] : [[id, path] as const];
    }));
  const images = numbered("image"), labels = numbered("label");
  for (const id of [...new Set([...images.keys(), ...labels.keys()])].sort(byNumber)) {
    const image = images.get(id), label = labels.get(id);
    if (image && label) {
      result.series.set(id, image);
      result.ground.set(id, label);
    } else {
      const missing = `${image ? "label" : "image"}_${id}.nii.gz`;
      result.incomplete.set(id, [`"${image ?? label}": expected ${missing} beside it, found none`]);
    }
  }
}

async function niftiFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => NIFTI.test(name) && !name.startsWith(".")).sort().map((name) => join(folder, name));
}

function isLabel(path: string): boolean {
  return basename(path).startsWith("label");
}

/** What is wrong with the grid of a case: files that cannot be read, and ground truth that does not fit the image. */
async function gridProblems({ series, ground, warnings }: Chaost2Files, id: string): Promise<string[]> {
  const image = series.get(id)!, truth = ground.get(id)!;
  const warn = (message: string) => warnings.push(message);
  try {
    const dicom = await isFolder(image) ? await readDicomSeries(image) : undefined;
    const grid = dicom ? seriesGrid(dicom) : await readRawGrid(image, warn);
    if (await isFolder(truth)) await checkGround(truth, { size: grid.size, series: dicom });
    else sayRelation(truth, { image: grid, label: await readRawGrid(truth, warn) }, { published: true, warn });
    return [];
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return [error.message];
  }
}
