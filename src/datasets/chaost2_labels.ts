import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { UserError } from "../errors.ts";
import { slicePositions } from "../imaging/io/dicom.ts";
import { listDicom, readDicomSeries } from "../imaging/files/dicom_folder.ts";
import type { DicomSeries } from "../imaging/io/dicom_series.ts";
import { readGreyPng } from "../imaging/files/png_file.ts";
import { type GreyImage, pngSize } from "../imaging/io/png.ts";
import type { Volume } from "../imaging/volume.ts";
import { CHAOST2_CLASSES, CHAOST2_GREY_LEVELS } from "./chaost2_classes.ts";

/** Ground truth of one case. */
export interface GroundTruth {
  /** Classes, uint8, on the grid of the image. */
  label: Volume;
  /** What of it deserves attention. */
  warnings: string[];
}

/** The number that CHAOS files carry: after the last hyphen of the name, with or without an ending. */
const FILE_NUMBER = /-(\d+)(\.[^.]*)?$/;

function fileNumber(path: string): number {
  const found = FILE_NUMBER.exec(basename(path));
  if (!found) refuse(path, "a file number after the last hyphen of its name, as in IMG-0002-00017", "none");
  return Number(found[1]);
}

/** The number of every DICOM file: that of its name, or, where names are UIDs, that of its header (Instance Number). */
function seriesNumbers({ slices, dir }: Pick<DicomSeries, "slices" | "dir">): Map<string, number> {
  if (slices.every(({ path }) => FILE_NUMBER.test(basename(path)))) {
    return new Map(slices.map(({ path }) => [path, fileNumber(path)]));
  }
  const nameless = slices.find(({ instance }) => instance === undefined);
  if (nameless) {
    refuse(
      nameless.path,
      "a file number after the last hyphen of its name, or an Instance Number (0020,0013)",
      "neither",
    );
  }
  const numbers = new Map(slices.map(({ path, instance }) => [path, instance!]));
  if (new Set(numbers.values()).size < slices.length) {
    refuse(dir, "an Instance Number (0020,0013) of its own in every file", "one twice");
  }
  return numbers;
}

function refuse(name: string, expected: string, found: string): never {
  throw new UserError("data", `Cannot use "${name}": expected ${expected}, found ${found}`);
}

/** Paths of the PNG files of a folder by their number, in ascending order. */
async function listGround(dir: string): Promise<Map<number, string>> {
  const names = (await readdir(dir).catch(() => [])).filter((name) => /^[^.].*\.png$/i.test(name));
  const numbered = names.sort().map((name) => [fileNumber(name), join(dir, name)] as const);
  const found = new Map<number, string>();
  for (const [number, path] of numbered.sort(([a], [b]) => a - b)) {
    const other = found.get(number);
    if (other) refuse(dir, "one PNG of every number", `"${basename(other)}" and "${basename(path)}"`);
    found.set(number, path);
  }
  return found;
}

/**
 * Checks names, number and size of the ground truth of a case, without its pixels.
 *
 * @param dir folder with one PNG a slice
 * @param image what the PNG files have to fit: columns, rows, slices
 * @param series the DICOM files, if they are at hand
 * @throws {UserError}
 */
export async function checkGround(
  dir: string,
  { size, series }: { size: readonly number[]; series?: Pick<DicomSeries, "slices" | "dir"> },
): Promise<Map<number, string>> {
  const files = await listGround(dir);
  if (files.size !== size[2]) refuse(dir, `${size[2]} PNG files, one a slice of the image`, `${files.size}`);
  if (series) {
    const numbers = new Set(seriesNumbers(series).values());
    const lonely = [...files].filter(([number]) => !numbers.has(number)).map(([, path]) => `"${basename(path)}"`);
    if (lonely.length > 0) {
      const shown = lonely.slice(0, 3).join(", ") + (lonely.length > 3 ? `, … (${lonely.length})` : "");
      refuse(dir, `a DICOM file of the same number in "${series.dir}" for every PNG`, `none for ${shown}`);
    }
  }
  for (const path of files.values()) {
    const { width, height } = pngSize(await readFile(path), path);
    if (width !== size[0] || height !== size[1]) {
      refuse(path, `the size of the image, ${size[0]} × ${size[1]} pixels`, `${width} × ${height}`);
    }
  }
  return files;
}

/**
 * Stacks the ground truth of a case to a volume (docs/reference/preprocessing.md, 5.2): rows are reversed, and the grey
 * levels of the volume in ascending order become 0, 1, 2, …, so that after a missing organ every later one takes a
 * smaller value, as in the published data.
 *
 * @param ground folder with one PNG a slice
 * @param image grid of the converted image
 * @param dicom folder of the DICOM files, which say where each PNG belongs; without them files are taken to run from foot to
 *   head, as published
 * @throws {UserError} if the files do not fit the image, or hold other grey levels than those of the four organs
 */
export async function readGround(
  ground: string,
  image: Pick<Volume, "size" | "spacing" | "affine">,
  dicom?: string,
): Promise<GroundTruth> {
  const series = dicom !== undefined && (await listDicom(dicom)).length > 0 ? await readDicomSeries(dicom) : undefined;
  const files = await checkGround(ground, { size: image.size, series });
  const placed = series ? placedByNumber(series, image) : undefined;
  const [nx, ny, nz] = image.size;
  const grey = new Uint8Array(nx * ny * nz);
  for (const [position, [number, path]] of [...files].entries()) {
    const picture = await readGreyPng(path);
    checkLevels(picture, path);
    const z = placed ? placed.get(number)! : position;
    for (let row = 0; row < ny; row++) {
      grey.set(picture.data.subarray(row * nx, (row + 1) * nx), (z * ny + ny - 1 - row) * nx);
    }
  }
  const levels = [...new Set(grey)].sort((a, b) => a - b);
  const rank = new Map(levels.map((level, i) => [level, i]));
  return {
    label: { ...image, data: grey.map((level) => rank.get(level)!) },
    warnings: missingOrgans(ground, levels),
  };
}

/** The slice of the volume that belongs to a file number. */
function placedByNumber(
  series: DicomSeries,
  image: Pick<Volume, "size" | "spacing" | "affine">,
): Map<number, number> {
  const positions = slicePositions(series, image);
  return new Map([...seriesNumbers(series)].map(([path, number]) => {
    const z = positions.get(path);
    if (z === undefined) refuse(path, "a slice of the converted image at its place", "none");
    return [number, z];
  }));
}

function checkLevels({ data, width }: GreyImage, path: string): void {
  const position = data.findIndex((level) => !CHAOST2_GREY_LEVELS.includes(level));
  if (position < 0) return;
  const where = `row ${Math.floor(position / width)}, column ${position % width}`;
  refuse(path, `the grey levels ${CHAOST2_GREY_LEVELS.join(", ")}`, `${data[position]} in ${where}`);
}

function missingOrgans(ground: string, levels: readonly number[]): string[] {
  const present = CHAOST2_GREY_LEVELS.map((level) => levels.includes(level));
  const missing = CHAOST2_CLASSES.filter((_, i) => !present[i]);
  if (missing.length === 0) return [];
  const moved = CHAOST2_CLASSES.filter((_, i) => present[i])
    .map((name, rank) => ({ name, rank, label: CHAOST2_CLASSES.indexOf(name) }))
    .filter(({ rank, label }) => rank !== label)
    .map(({ name, rank }) => `${name} takes the value ${rank}`);
  const result = moved.length > 0 ? `; as in the published data ${moved.join(", ")}` : "";
  return [`"${ground}" shows no ${missing.join(" and no ")}${result}`];
}
