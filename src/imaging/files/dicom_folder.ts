import { open, readdir, readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { UserError } from "../../errors.ts";
import { type DicomSeries, refuseSeries, stackSlices } from "../io/dicom_series.ts";
import { type DicomSlice, readDicomSlice, seriesUid } from "../io/dicom_slice.ts";

/** Most problems of one folder that a message lists. */
const LISTED_PROBLEMS = 5;

/**
 * Paths of the DICOM files of a folder, sorted by name: those that end in `.dcm` or `.ima`, and whatever its bytes say to be
 * one. An index of the folder (DICOMDIR) is none.
 */
export async function listDicom(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true }).catch(() => []);
  const found: string[] = [];
  for (const entry of entries) {
    const { name } = entry, path = join(dir, name);
    if (entry.isDirectory() || name.startsWith(".") || name.toUpperCase() === "DICOMDIR") continue;
    if ([".dcm", ".ima"].includes(extname(name).toLowerCase()) || await hasMagic(path)) found.push(path);
  }
  return found.sort();
}

/** "DICM" after a preamble of 128 bytes (PS3.10, 7.1). */
const MAGIC_AT = 128;

async function hasMagic(path: string): Promise<boolean> {
  const file = await open(path).catch(() => undefined);
  if (!file) return false;
  try {
    const { buffer } = await file.read(new Uint8Array(MAGIC_AT + 4), 0, MAGIC_AT + 4, 0);
    return String.fromCharCode(...buffer.subarray(MAGIC_AT)) === "DICM";
  } catch {
    return false; // a link to a folder
  } finally {
    await file.close();
  }
}

/** Which series of a folder with several is meant. */
export interface SeriesChoice {
  /** Its UID; the only one unless given. */
  series?: string;
  /** What a user can do about several. */
  advice?: string;
}

/**
 * Reads the headers of a series and checks that its slices make one volume: see {@link stackSlices}.
 *
 * @param dir a folder with one file a slice
 * @param choice of one series; files of others are passed over, whatever they are
 * @throws {UserError} that lists what is wrong, file by file
 */
export async function readDicomSeries(
  dir: string,
  { series: chosen, advice }: SeriesChoice = {},
): Promise<DicomSeries> {
  const slices: DicomSlice[] = [];
  const problems: string[] = [];
  const others = new Set<string>();
  for (const path of await listDicom(dir)) {
    const bytes = await readFile(path);
    if (chosen !== undefined) {
      const series = seriesUid(bytes);
      if (series !== chosen) {
        if (series) others.add(series);
        continue;
      }
    }
    try {
      slices.push(readDicomSlice(bytes, path));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      problems.push(error.message);
    }
  }
  if (problems.length > LISTED_PROBLEMS) {
    const more = problems.length - LISTED_PROBLEMS;
    problems.splice(LISTED_PROBLEMS, more, `and ${more} more files of "${dir}"`);
  }
  if (problems.length > 0) throw new UserError("data", problems.join("\n  "));
  if (chosen !== undefined && slices.length === 0) {
    refuseSeries(dir, `slices of series ${chosen}`, others.size > 0 ? `series ${[...others].join(" and ")}` : "none");
  }
  return stackSlices(dir, slices, advice);
}
