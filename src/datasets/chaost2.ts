import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../errors.ts";
import { listDicom, readDicomSeries } from "../imaging/io/dicom_series.ts";
import { readNiftiHeader } from "../imaging/io/nifti.ts";
import { checkGround } from "./chaost2_labels.ts";
import { refuseProblems } from "./sabs.ts";

/** Raw CHAOST2 data by case id, in numeric order. */
export interface Chaost2Files {
  /** Folder with the DICOM files of every case, or the NIfTI file that somebody made of them. */
  series: Map<string, string>;
  /** Folder with the PNG files of every case, or a NIfTI file with label values. */
  ground: Map<string, string>;
  /** What deserves attention but stops nothing. */
  warnings: string[];
}

/** Places of the case folders below the folder that a user gives. */
const CASE_FOLDERS = ["", "MR", "Train_Sets/MR", "CHAOS_Train_Sets/Train_Sets/MR", "CHAOS_Train_Sets/MR"];

/** Places of volumes that were converted before. */
const CONVERTED_FOLDERS = ["", "niis/T2SPIR", "T2SPIR"];

const NIFTI = /\.nii(\.gz)?$/;

/**
 * Finds the T2-SPIR half of CHAOS MR: `<id>/T2SPIR/DICOM_anon/*.dcm` and `<id>/T2SPIR/Ground/*.png`, or volumes that were
 * converted already (`data/README.md`). Reads headers only.
 *
 * @throws {UserError} with all problems of all cases at once
 */
export async function findChaost2(dir: string): Promise<Chaost2Files> {
  if (!await isFolder(dir)) {
    throw new UserError(
      "data",
      `Cannot find the data folder "${dir}": expected Train_Sets/MR/<id>/T2SPIR below it. Unzip CHAOS_Train_Sets.zip there ` +
        "(data/README.md), or give another folder by --data",
    );
  }
  const result: Chaost2Files = { series: new Map(), ground: new Map(), warnings: [] };
  const problems: string[] = [];
  for (const layout of CASE_FOLDERS) {
    const folder = join(dir, layout);
    const ids = await caseIds(folder);
    if (ids.length === 0) continue;
    for (const id of ids) problems.push(...await findCase(join(folder, id), id, result));
    break;
  }
  for (const layout of result.series.size + problems.length > 0 ? [] : CONVERTED_FOLDERS) {
    problems.push(...await findConverted(join(dir, layout), result));
    if (result.series.size + problems.length > 0) break;
  }
  if (result.series.size + problems.length === 0) {
    throw new UserError(
      "data",
      `Cannot find scans in "${dir}": expected Train_Sets/MR/<id>/T2SPIR/DICOM_anon/*.dcm and …/T2SPIR/Ground/*.png, found ` +
        "neither. Unzip CHAOS_Train_Sets.zip there (data/README.md)",
    );
  }
  for (const id of result.series.keys()) problems.push(...await gridProblem(result, id));
  refuseProblems(problems);
  return result;
}

async function isFolder(path: string): Promise<boolean> {
  return await stat(path).then((found) => found.isDirectory(), () => false);
}

/** Names of the case folders in a folder, in numeric order; none if no case has the T2-SPIR sequence, as in the CT half. */
async function caseIds(folder: string): Promise<string[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(names.map((name) => isFolder(join(folder, name, "T2SPIR"))));
  return found.includes(true) ? names.sort((a, b) => Number(a) - Number(b)) : [];
}

/** Looks for image and ground truth of a case; returns what is wrong. */
async function findCase(folder: string, id: string, result: Chaost2Files): Promise<string[]> {
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
  if (problems.length > 0) forget(result, id);
  return problems;
}

/** Looks for `image_<id>.nii.gz` and `label_<id>.nii.gz` in a folder; returns what is wrong. */
async function findConverted(folder: string, result: Chaost2Files): Promise<string[]> {
  const files = await niftiFiles(folder);
  const numbered = (kind: string) =>
    new Map(files.flatMap((path) => {
      const id = new RegExp(`[/\\\\]${kind}_(\\d+)\\.nii(\\.gz)?$`).exec(path)?.[1];
      return id === undefined ? [] : [[id, path] as const];
    }));
  const images = numbered("image"), labels = numbered("label");
  const problems: string[] = [];
  for (const [id, path] of labels) {
    if (!images.has(id)) problems.push(`"${path}": expected image_${id}.nii.gz beside it, found none`);
  }
  for (const id of [...images.keys()].sort((a, b) => Number(a) - Number(b))) {
    const label = labels.get(id);
    if (label === undefined) problems.push(`"${images.get(id)}": expected label_${id}.nii.gz beside it, found none`);
    else {
      result.series.set(id, images.get(id)!);
      result.ground.set(id, label);
    }
  }
  return problems;
}

async function niftiFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => NIFTI.test(name) && !name.startsWith(".")).sort().map((name) => join(folder, name));
}

function isLabel(path: string): boolean {
  return /[/\\]label[^/\\]*$/.test(path);
}

function forget({ series, ground }: Chaost2Files, id: string): void {
  series.delete(id);
  ground.delete(id);
}

/** What is wrong with the grid of a case: files that cannot be read, and ground truth that does not fit the image. */
async function gridProblem({ series, ground }: Chaost2Files, id: string): Promise<string[]> {
  const image = series.get(id)!, truth = ground.get(id)!;
  try {
    const dicom = await isFolder(image) ? await readDicomSeries(image) : undefined;
    const size = dicom
      ? [dicom.slices[0].columns, dicom.slices[0].rows, dicom.slices.length]
      : (await readNiftiHeader(image)).size;
    if (await isFolder(truth)) await checkGround(truth, { size, series: dicom });
    else {
      const found = (await readNiftiHeader(truth)).size;
      if (found.join() !== size.join()) {
        return [`"${truth}": expected the grid of its image, ${size.join(" × ")}, found ${found.join(" × ")}`];
      }
    }
    return [];
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return [error.message];
  }
}
