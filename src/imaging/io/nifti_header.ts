import * as nifti from "nifti-reader-js";
import { UserError } from "../../errors.ts";
import { GridFault, type GridFields, gridOf, type MadeGrid } from "../geometry.ts";
import type { Triple } from "../volume.ts";
import { fileKind } from "./file_kind.ts";

/** What a NIfTI header says, as far as it is used. */
export interface NiftiHeader extends MadeGrid {
  /** Code of the voxels' type. */
  datatype: number;
  /** Byte order. */
  little: boolean;
  /** First byte of the voxels. */
  start: number;
  /** What stored values are multiplied with; 0 or NaN where they are not. */
  slope: number;
  /** What is added then. */
  intercept: number;
  /** What it says of the grid, as it is written. */
  written: WrittenGrid;
}

/** The fields of a header that say of the grid where it lies, before anything is believed. */
export interface WrittenGrid extends GridFields {
  /** `dim`: how many dimensions there are, then their sizes. */
  dims: readonly number[];
}

/** Says that a file cannot be read. */
export function refuseFile(name: string, expected: string, found: string): never {
  throw new UserError("data", `Cannot read "${name}": expected ${expected}, found ${found}`);
}

/** Bytes of the header of each version, and where `srow_x` begins in it. */
const VERSIONS = { 1: { bytes: 348, rows: 280, width: 4 }, 2: { bytes: 540, rows: 400, width: 8 } } as const;

/** More than the header of either version, so that a small file that is cut off is found early. */
export const HEADER_BYTES = 4096;

/**
 * Reads the header of a NIfTI-1 or NIfTI-2 file. Extensions after it, of whatever length, are passed over.
 *
 * @param bytes the first {@link HEADER_BYTES} bytes, or all
 * @param name the file's name, for messages
 * @throws {UserError} of kind `data` if it is something else, or no grid of one volume
 */
export function parseNiftiHeader(bytes: Uint8Array, name: string): NiftiHeader {
  const version = versionOf(bytes);
  if (!version) refuseFile(name, "a NIfTI-1 or NIfTI-2 file", fileKind(bytes));
  const { bytes: length, rows: at, width } = VERSIONS[version];
  // the library is not shown the extensions: it takes a file for none whose extensions it cannot read
  const alone = new Uint8Array(length + 4);
  alone.set(bytes.subarray(0, length));
  let header: nifti.NIFTI1 | nifti.NIFTI2 | null;
  try {
    header = nifti.readHeader(alone.buffer);
  } catch {
    header = null;
  }
  if (!header) refuseFile(name, "a NIfTI-1 or NIfTI-2 file", "one with a damaged header");
  const view = new DataView(alone.buffer), little = header.littleEndian;
  const rows = Array.from(
    { length: 12 },
    (_, i) => width === 4 ? view.getFloat32(at + 4 * i, little) : view.getFloat64(at + 8 * i, little),
  );
  const written: WrittenGrid = {
    dims: Array.from({ length: 8 }, (_, k) => Number(header.dims[k] ?? 1)),
    size: sizeOf(Array.from(header.dims, Number), name),
    qfac: Number(header.pixDims[0]),
    pixdim: [1, 2, 3].map((k) => Number(header.pixDims[k] ?? 0)) as Triple,
    units: Number(header.xyzt_units),
    qformCode: Number(header.qform_code),
    quaternion: [header.quatern_b, header.quatern_c, header.quatern_d].map(Number) as Triple,
    offset: [header.qoffset_x, header.qoffset_y, header.qoffset_z].map(Number) as Triple,
    sformCode: Number(header.sform_code),
    rows,
  };
  try {
    return {
      ...gridOf(written),
      written,
      datatype: header.datatypeCode,
      little,
      start: Math.max(Number(header.vox_offset), 0),
      slope: Number(header.scl_slope),
      intercept: Number(header.scl_inter),
    };
  } catch (error) {
    if (error instanceof GridFault) refuseFile(name, error.expected, error.found);
    throw error;
  }
}

function versionOf(bytes: Uint8Array): 1 | 2 | undefined {
  const magic = (at: number) => String.fromCharCode(...bytes.subarray(at, at + 4));
  if (bytes.length >= 348 && magic(344) === "n+1\0") return 1;
  return bytes.length >= 540 && magic(4) === "n+2\0" ? 2 : undefined;
}

function sizeOf([rank, ...dims]: number[], name: string): Triple {
  const [nx, ny = 1, nz = 1, ...more] = dims.slice(0, Math.max(rank, 0));
  if (rank < 1 || rank > 7 || more.some((n) => n > 1)) {
    const shape = dims.slice(0, Math.max(rank, 0)).join(" × ");
    const wayOut = rank === 4 ? ". Save the volume to use as a file of its own" : "";
    refuseFile(name, "one volume of three dimensions", `${rank} dimensions of ${shape}${wayOut}`);
  }
  if (![nx, ny, nz].every((n) => Number.isInteger(n) && n > 0)) {
    refuseFile(name, "sizes above 0", [nx, ny, nz].join(" × "));
  }
  return [nx, ny, nz];
}
