import { Buffer } from "node:buffer";
import { basename } from "node:path";
import { createGunzip, gzipSync } from "node:zlib";
import { createReadStream } from "node:fs";
import { open, readFile } from "node:fs/promises";
import * as nifti from "nifti-reader-js";
import { UserError } from "../../errors.ts";
import type { Triple, Volume, VoxelArray } from "../volume.ts";

/** What a NIfTI header says about the grid. */
export interface NiftiHeader {
  /** Voxels along x, y, z. */
  size: Triple;
  /** Spacing in mm. */
  spacing: Triple;
  /** From voxel to mm, 4 × 4, row-major: sform if set, else qform, else spacing alone. */
  affine: number[];
}

type Reader = (view: DataView, offset: number, little: boolean) => number;

interface Datatype {
  bytes: number;
  read: Reader;
  make: (length: number) => VoxelArray;
}

const DATATYPES: Record<number, Datatype> = {
  2: { bytes: 1, read: (v, o) => v.getUint8(o), make: (n) => new Uint8Array(n) },
  4: { bytes: 2, read: (v, o, l) => v.getInt16(o, l), make: (n) => new Int16Array(n) },
  8: { bytes: 4, read: (v, o, l) => v.getInt32(o, l), make: (n) => new Int32Array(n) },
  16: { bytes: 4, read: (v, o, l) => v.getFloat32(o, l), make: (n) => new Float32Array(n) },
  64: { bytes: 8, read: (v, o, l) => v.getFloat64(o, l), make: (n) => new Float64Array(n) },
  256: { bytes: 1, read: (v, o) => v.getInt8(o), make: (n) => new Int8Array(n) },
  512: { bytes: 2, read: (v, o, l) => v.getUint16(o, l), make: (n) => new Uint16Array(n) },
  768: { bytes: 4, read: (v, o, l) => v.getUint32(o, l), make: (n) => new Uint32Array(n) },
  1024: { bytes: 8, read: (v, o, l) => Number(v.getBigInt64(o, l)), make: (n) => new Float64Array(n) },
  1280: { bytes: 8, read: (v, o, l) => Number(v.getBigUint64(o, l)), make: (n) => new Float64Array(n) },
};

const OTHER_DATATYPES: Record<number, string> = {
  1: "binary",
  32: "complex",
  128: "RGB",
  1536: "128-bit real",
  1792: "complex",
  2048: "complex",
  2304: "RGBA",
};

function refuse(name: string, expected: string, found: string): never {
  throw new UserError("data", `Cannot read "${name}": expected ${expected}, found ${found}`);
}

/**
 * Reads a `.nii` or `.nii.gz` file: NIfTI-1 or -2, both byte orders, all integer and real types, any number of gzip members.
 *
 * @throws {UserError} of kind `data` if the file is missing, cut off, not a NIfTI, not one real volume, or holds NaN
 */
export async function readNifti(path: string): Promise<Volume> {
  return decodeNifti(await bytesOf(path), path);
}

/** The uncompressed bytes of a file. */
async function bytesOf(path: string): Promise<Uint8Array> {
  let raw: Uint8Array;
  try {
    raw = await readFile(path);
  } catch {
    refuse(path, "a NIfTI file", "no such file");
  }
  if (!(raw[0] === 0x1f && raw[1] === 0x8b)) return raw;
  const chunks: Uint8Array[] = [];
  const gunzip = createGunzip(); // goes on through all members
  return await new Promise((resolve, reject) => {
    gunzip.on("data", (chunk: Uint8Array) => chunks.push(chunk));
    gunzip.on("end", () => resolve(Buffer.concat(chunks)));
    gunzip.on("error", (error: Error) => {
      try {
        refuse(path, "a whole gzip file", `a cut-off or damaged one (${error.message})`);
      } catch (refusal) {
        reject(refusal);
      }
    });
    gunzip.end(raw);
  });
}

/**
 * Reads what {@link readNifti} would say about the grid, without the voxels; of a file that is not packed the length is checked
 * as well.
 */
export async function readNiftiHeader(path: string): Promise<NiftiHeader> {
  const { bytes, length } = await firstBytes(path, 4096);
  const { header } = parseHeader(bytes, path);
  const grid = gridOf(header, path);
  if (length !== undefined) checkLength(length, header, grid, path);
  return grid;
}

/** The first uncompressed bytes of a file, and the length of one that is not packed. */
async function firstBytes(path: string, count: number): Promise<{ bytes: Uint8Array; length?: number }> {
  let file;
  try {
    file = await open(path);
  } catch {
    refuse(path, "a NIfTI file", "no such file");
  }
  const start = Buffer.alloc(count);
  const { bytesRead } = await file.read(start, 0, count, 0);
  const { size } = await file.stat();
  await file.close();
  if (!(start[0] === 0x1f && start[1] === 0x8b)) return { bytes: start.subarray(0, bytesRead), length: size };
  return await new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let length = 0;
    const input = createReadStream(path);
    const gunzip = input.pipe(createGunzip());
    const finish = () => {
      input.destroy();
      gunzip.destroy();
      resolve({ bytes: Buffer.concat(chunks) });
    };
    gunzip.on("data", (chunk: Uint8Array) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= count) finish();
    });
    gunzip.on("end", finish);
    gunzip.on("error", () => {
      try {
        refuse(path, "a whole gzip file", "a cut-off or damaged one");
      } catch (refusal) {
        reject(refusal);
      }
    });
  });
}

type Header = nifti.NIFTI1 | nifti.NIFTI2;

function parseHeader(bytes: Uint8Array, name: string): { header: Header } {
  const copy = bytes.slice().buffer as ArrayBuffer;
  let header: Header | null = null;
  if (bytes.length >= 348) {
    try {
      header = nifti.isNIFTI(copy) ? nifti.readHeader(copy) : null;
    } catch {
      header = null;
    }
  }
  if (!header) refuse(name, "a NIfTI-1 or NIfTI-2 file", `${bytes.length} bytes of something else`);
  return { header };
}

function gridOf(header: Header, name: string): NiftiHeader {
  const [rank, ...dims] = Array.from(header.dims, Number);
  const [nx, ny = 1, nz = 1, ...more] = dims.slice(0, rank);
  if (rank < 1 || rank > 7 || more.some((n) => n > 1)) {
    refuse(
      name,
      "one volume of three dimensions",
      `${rank} dimensions of ${dims.slice(0, Math.max(rank, 0)).join(" × ")}`,
    );
  }
  if (![nx, ny, nz].every((n) => Number.isInteger(n) && n > 0)) refuse(name, "sizes above 0", [nx, ny, nz].join(" × "));
  const spacing = [1, 2, 3].map((k) => Math.abs(Math.fround(Number(header.pixDims[k] ?? 1)))) as Triple;
  for (let k = rank; k < 3; k++) spacing[k] ||= 1;
  if (!spacing.every((mm) => mm > 0 && Number.isFinite(mm))) {
    refuse(name, "a spacing of three values above 0 mm", spacing.join(", "));
  }
  let affine: number[];
  if (header.sform_code > 0 || header.qform_code > 0) {
    const rows = header.sform_code > 0 ? header.affine : header.getQformMat();
    affine = Array.from(rows, (row) => Array.from(row as ArrayLike<number>)).flat();
  } else affine = [spacing[0], 0, 0, 0, 0, spacing[1], 0, 0, 0, 0, spacing[2], 0, 0, 0, 0, 1];
  return { size: [nx, ny, nz], spacing, affine };
}

/** Where the voxels lie in a file of `length` bytes; refuses one that is not exactly as long as its header says. */
function checkLength(
  length: number,
  header: Header,
  { size }: Pick<NiftiHeader, "size">,
  name: string,
): { datatype: Datatype; start: number; count: number } {
  const code = header.datatypeCode;
  const datatype = DATATYPES[code];
  if (!datatype) {
    refuse(name, "integers or real numbers", `${OTHER_DATATYPES[code] ?? "unknown"} voxels (datatype ${code})`);
  }
  const count = size[0] * size[1] * size[2];
  const start = Math.max(Number(header.vox_offset), 0);
  const expected = start + count * datatype.bytes;
  if (length !== expected) {
    const why = length < expected ? "the file is cut off" : "its header does not fit";
    refuse(name, `${expected} bytes (${size.join(" × ")} voxels)`, `${length}: ${why}`);
  }
  return { datatype, start, count };
}

/**
 * Decodes the uncompressed bytes of a NIfTI file.
 *
 * @param name the file's name, for messages
 * @throws {UserError} as {@link readNifti}
 */
export function decodeNifti(bytes: Uint8Array, name: string): Volume {
  const { header } = parseHeader(bytes, name);
  const { size, spacing, affine } = gridOf(header, name);
  const { datatype, start, count } = checkLength(bytes.length, header, { size }, name);
  let data = datatype.make(count);
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, count * datatype.bytes);
  for (let i = 0; i < count; i++) data[i] = datatype.read(view, i * datatype.bytes, header.littleEndian);
  const slope = Number(header.scl_slope), intercept = Number(header.scl_inter);
  if (Number.isFinite(slope) && slope !== 0 && !(slope === 1 && (intercept === 0 || Number.isNaN(intercept)))) {
    const shift = Number.isFinite(intercept) ? intercept : 0;
    const scaled = data instanceof Float64Array ? new Float64Array(count) : new Float32Array(count);
    for (let i = 0; i < count; i++) scaled[i] = data[i] * slope + shift;
    data = scaled;
  }
  for (let i = 0; i < count; i++) {
    if (!Number.isFinite(data[i])) {
      const z = Math.floor(i / (size[0] * size[1])), y = Math.floor(i / size[0]) % size[1];
      refuse(name, "finite voxels", `${data[i]} at voxel (${i % size[0]}, ${y}, ${z})`);
    }
  }
  return { data, size, spacing, affine };
}

const CODES = new Map<unknown, [code: number, bits: number]>([
  [Uint8Array, [2, 8]],
  [Int16Array, [4, 16]],
  [Int32Array, [8, 32]],
  [Float32Array, [16, 32]],
  [Float64Array, [64, 64]],
  [Int8Array, [256, 8]],
  [Uint16Array, [512, 16]],
  [Uint32Array, [768, 32]],
]);

/** Bytes of an uncompressed NIfTI-1 file, little-endian, with qform and sform of code 1. */
export function encodeNifti({ data, size, spacing, affine }: Volume): Uint8Array<ArrayBuffer> {
  const [code, bits] = CODES.get(data.constructor)!;
  const result = new Uint8Array(352 + data.byteLength);
  const view = new DataView(result.buffer);
  view.setInt32(0, 348, true);
  [3, ...size, 1, 1, 1, 1].forEach((n, k) => view.setInt16(40 + 2 * k, n, true));
  view.setInt16(70, code, true);
  view.setInt16(72, bits, true);
  const { quaternion: [b, c, d], handedness } = quaternionOf(affine, spacing);
  [handedness, ...spacing, 0, 0, 0, 0].forEach((mm, k) => view.setFloat32(76 + 4 * k, mm, true));
  view.setFloat32(108, 352, true); // where the voxels begin
  view.setFloat32(112, 1, true); // scl_slope
  view.setUint8(123, 2); // millimetres
  view.setInt16(252, 1, true);
  view.setInt16(254, 1, true);
  [b, c, d, affine[3], affine[7], affine[11]].forEach((value, k) => view.setFloat32(256 + 4 * k, value, true));
  affine.slice(0, 12).forEach((value, k) => view.setFloat32(280 + 4 * k, value, true));
  result.set(new TextEncoder().encode("n+1"), 344);
  result.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), 352);
  return result;
}

/** Quaternion (b, c, d) of the nearest rotation, and the sign of the third axis (`pixdim[0]`). */
function quaternionOf(affine: readonly number[], spacing: Triple): { quaternion: Triple; handedness: 1 | -1 } {
  const m = [0, 1, 2].map((row) => [0, 1, 2].map((column) => affine[4 * row + column] / spacing[column]));
  const determinant = m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) -
    m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0]) +
    m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0]);
  const handedness = determinant < 0 ? -1 : 1;
  if (handedness < 0) { for (const row of m) row[2] = -row[2]; }
  const trace = m[0][0] + m[1][1] + m[2][2];
  let a: number, b: number, c: number, d: number;
  if (trace > 0) {
    a = 0.5 * Math.sqrt(1 + trace);
    [b, c, d] = [m[2][1] - m[1][2], m[0][2] - m[2][0], m[1][0] - m[0][1]].map((x) => 0.25 * x / a);
  } else {
    const squares = [1 + m[0][0] - m[1][1] - m[2][2], 1 + m[1][1] - m[0][0] - m[2][2], 1 + m[2][2] - m[0][0] - m[1][1]];
    const largest = squares.indexOf(Math.max(...squares));
    const half = 0.5 * Math.sqrt(squares[largest]);
    if (largest === 0) {
      [b, c, d, a] = [half, 0.25 * (m[0][1] + m[1][0]) / half, 0.25 * (m[0][2] + m[2][0]) / half, m[2][1] - m[1][2]];
    } else if (largest === 1) {
      [b, c, d, a] = [0.25 * (m[0][1] + m[1][0]) / half, half, 0.25 * (m[1][2] + m[2][1]) / half, m[0][2] - m[2][0]];
    } else {
      [b, c, d, a] = [0.25 * (m[0][2] + m[2][0]) / half, 0.25 * (m[1][2] + m[2][1]) / half, half, m[1][0] - m[0][1]];
    }
    if (a < 0) [b, c, d] = [-b, -c, -d];
  }
  return { quaternion: [b, c, d], handedness };
}

/** Writes a volume; `.gz` in the name compresses it. The same volume gives the same bytes. */
export async function writeNifti(path: string, volume: Volume): Promise<void> {
  const bytes = encodeNifti(volume);
  if (!basename(path).endsWith(".gz")) return await Deno.writeFile(path, bytes);
  const packed = gzipSync(bytes, { level: 6 });
  packed[9] = 255; // the system that wrote it: unknown, on every system
  await Deno.writeFile(path, packed);
}
