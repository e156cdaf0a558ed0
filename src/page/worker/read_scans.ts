/// <reference lib="dom" />
import { UserError } from "../../errors.ts";
import { convertSeries } from "../../imaging/io/dicom.ts";
import type { StartProgram } from "../../imaging/io/dicom_convert.ts";
import { stackSlices } from "../../imaging/io/dicom_series.ts";
import { type DicomSlice, readDicomSlice, seriesUid } from "../../imaging/io/dicom_slice.ts";
import { lastName } from "../../imaging/io/last_name.ts";
import { decodeNifti } from "../../imaging/io/nifti.ts";
import { HEADER_BYTES, parseNiftiHeader } from "../../imaging/io/nifti_header.ts";
import { extremes, type Volume, type VoxelArray } from "../../imaging/volume.ts";
import type { PageFile, ReadScan } from "../protocol.ts";
import { expectRoom, type Room } from "./room.ts";
import { firstBytes, unpackedBytes } from "./unpack.ts";

/** Most problems of one series that a message lists. */
const LISTED_PROBLEMS = 3;

/**
 * Reads what a user dropped: every NIfTI file is a scan, and so is every DICOM series, whose files are sorted by position. One
 * that cannot be read stops no other.
 *
 * @param start starts the converter of DICOM series
 * @param room a scan that there is no room for is refused before it is read
 * @returns the scans, and why others could not be read
 */
export async function readScans(
  files: readonly PageFile[],
  start: StartProgram,
  room: Room,
): Promise<{ scans: ReadScan[]; problems: string[] }> {
  const scans: ReadScan[] = [], problems: string[] = [];
  const series = new Map<string, PageFile[]>();
  const attempt = async (make: () => Promise<ReadScan>) => {
    try {
      scans.push(await make());
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      problems.push(error.message);
    }
  };
  for (const file of files) {
    const name = lastName(file.path);
    if (name.startsWith(".") || name.toUpperCase() === "DICOMDIR") continue;
    const uid = await dicomSeriesOf(file);
    if (uid === undefined) await attempt(() => readNiftiScan(file, room));
    else series.set(uid, [...series.get(uid) ?? [], file]);
  }
  for (const members of series.values()) await attempt(() => readSeries(members, start, room));
  return { scans, problems };
}

/** "DICM" after a preamble of 128 bytes (PS3.10, 7.1). */
const MAGIC_AT = 128;

/** The series that a DICOM file belongs to, empty where it does not say; `undefined` of any other file. */
async function dicomSeriesOf({ path, content }: PageFile): Promise<string | undefined> {
  const magic = new TextDecoder("latin1").decode(await content.slice(MAGIC_AT, MAGIC_AT + 4).arrayBuffer());
  if (magic !== "DICM" && !/\.(dcm|ima)$/i.test(path)) return undefined;
  return seriesUid(new Uint8Array(await content.arrayBuffer())) ?? "";
}

async function readNiftiScan({ path, content }: PageFile, room: Room): Promise<ReadScan> {
  const name = lastName(path), warnings: string[] = [];
  const warn = (message: string) => void warnings.push(message);
  const begin = await firstBytes(content, HEADER_BYTES);
  if (begin.length === HEADER_BYTES) expectRoom(parseNiftiHeader(begin, name).size, name, room);
  const bytes = await unpackedBytes(content, name);
  const { written } = parseNiftiHeader(bytes, name);
  const volume = decodeNifti(bytes, name, { onHeader: warn, onVoxels: warn, notFinite: "lowest" });
  const about = { kind: "nifti" as const, written, paths: [path], warnings };
  return { name: name.replace(/\.nii(\.gz)?$/i, ""), volume, extremes: extremesOf(volume), ...about };
}

async function readSeries(files: readonly PageFile[], start: StartProgram, room: Room): Promise<ReadScan> {
  const [first] = files, folder = first.path.slice(0, Math.max(first.path.lastIndexOf("/"), 0));
  const name = lastName(folder) || lastName(first.path).replace(/\.(dcm|ima)$/i, "");
  const slices: DicomSlice[] = [], problems: string[] = [], bytes = new Map<string, Uint8Array>();
  for (const { path, content } of files) {
    const whole = new Uint8Array(await content.arrayBuffer());
    try {
      slices.push(readDicomSlice(whole, path));
      bytes.set(path, whole);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      problems.push(error.message);
    }
  }
  if (problems.length > 0) {
    const more = problems.length - LISTED_PROBLEMS;
    if (more > 0) problems.splice(LISTED_PROBLEMS, more, `and ${more} more files of "${name}"`);
    throw new UserError("data", problems.join("\n"));
  }
  const series = stackSlices(name, slices, "Drop the folder of one series alone");
  expectRoom([slices[0].columns, slices[0].rows, slices.length], name, room);
  const { volume, warnings } = await convertSeries(series, bytes, start);
  const paths = series.slices.map(({ path }) => path);
  return { name, kind: "dicom", volume, extremes: extremesOf(volume), paths, warnings };
}

function extremesOf({ data }: Volume): VoxelArray {
  const { lowest, highest } = extremes(data);
  const pair = data.slice(0, 1).constructor as new (values: number[]) => VoxelArray;
  return new pair([lowest, highest]);
}
