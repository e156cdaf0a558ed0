import { Buffer } from "node:buffer";
import { basename } from "node:path";
import { createGunzip, createGzip } from "node:zlib";
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import * as nifti from "nifti-reader-js";
import { UserError } from "../../errors.ts";
import { float64Chunks, type Triple, type Volume, type VoxelArray } from "../volume.ts";

/** What a NIfTI header says about the grid. */
export interface NiftiHeader {
  /** Voxels along x, y, z. */
  size: Triple;
  /** Spacing in mm. */
  spacing: Triple;
  /** From voxel to mm, 4 × 4, row-major: sform if set, else qform, else spacing alone. */
  affine: number[];
}

type TypedArray = VoxelArray | BigInt64Array<ArrayBuffer> | BigUint64Array<ArrayBuffer>;

/** Array types of the datatype codes; bytes are in the order of the machine. */
const DATATYPES: Record<number, new (buffer: ArrayBuffer, offset: number, length: number) => TypedArray> = {
  2: Uint8Array,
  4: Int16Array,
  8: Int32Array,
  16: Float32Array,
  64: Float64Array,
  256: Int8Array,
  512: Uint16Array,
  768: Uint32Array,
  1024: BigInt64Array,
  1280: BigUint64Array,
};

/** Bytes of a voxel by datatype code. */
const BYTES: Record<number, number> = { 2: 1, 4: 2, 8: 4, 16: 4, 64: 8, 256: 1, 512: 2, 768: 4, 1024: 8, 1280: 8 };

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

/** Bytes that the decompressor hands over at a time: with its own 16 KiB the events cost more than the work. */
const CHUNK_BYTES = 2 ** 20;

/** More than the most that gzip can shrink something. */
const GZIP_LIMIT = 1040;

/** The uncompressed bytes of a file. */
async function bytesOf(path: string): Promise<Uint8Array<ArrayBuffer>> {
  let raw: Uint8Array<ArrayBuffer>;
  try {
    raw = await Deno.readFile(path);
  } catch {
    refuse(path, "a NIfTI file", "no such file");
  }
  if (!(raw[0] === 0x1f && raw[1] === 0x8b)) return raw;
  // The last four bytes tell the length of the last member, which mostly is the only one: a volume then lies in memory once.
  const told = raw.length < 18 ? 0 : new DataView(raw.buffer, raw.length - 4).getUint32(0, true);
  let bytes = new Uint8Array(Math.min(told, raw.length * GZIP_LIMIT));
  let length = 0;
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES }); // goes on through all members
  gunzip.end(raw);
  try {
    for await (const chunk of gunzip as AsyncIterable<Uint8Array>) {
      if (length + chunk.length > bytes.length) {
        const more = new Uint8Array(2 * (length + chunk.length));
        more.set(bytes.subarray(0, length));
        bytes = more;
      }
      bytes.set(chunk, length);
      length += chunk.length;
    }
  } catch (error) {
    refuse(path, "a whole gzip file", `a cut-off or damaged one (${(error as Error).message})`);
  }
  return bytes.subarray(0, length);
}

/**
 * Reads what {@link readNifti} would say about the grid, without the voxels; of a file that is not packed the length is checked
 * as well.
 */
export async function readNiftiHeader(path: string): Promise<NiftiHeader> {
  const { bytes, length } = await firstBytes(path, HEADER_BYTES);
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

/** Enough for the header of either version. */
const HEADER_BYTES = 4096;

function parseHeader(bytes: Uint8Array, name: string): { header: Header } {
  const copy = bytes.slice(0, HEADER_BYTES).buffer as ArrayBuffer;
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
): { start: number; count: number } {
  const code = header.datatypeCode;
  if (!(code in DATATYPES)) {
    refuse(name, "integers or real numbers", `${OTHER_DATATYPES[code] ?? "unknown"} voxels (datatype ${code})`);
  }
  const count = size[0] * size[1] * size[2];
  const start = Math.max(Number(header.vox_offset), 0);
  const expected = start + count * BYTES[code];
  if (length !== expected) {
    const why = length < expected ? "the file is cut off" : "its header does not fit";
    refuse(name, `${expected} bytes (${size.join(" × ")} voxels)`, `${length}: ${why}`);
  }
  return { start, count };
}

/**
 * Decodes the uncompressed bytes of a NIfTI file. The voxels may lie in these very bytes.
 *
 * @param name the file's name, for messages
 * @throws {UserError} as {@link readNifti}
 */
export function decodeNifti(bytes: Uint8Array, name: string): Volume {
  const { header } = parseHeader(bytes, name);
  const { size, spacing, affine } = gridOf(header, name);
  const { start, count } = checkLength(bytes.length, header, { size }, name);
  const code = header.datatypeCode;
  let data = voxelsOf(bytes.subarray(start), { code, count, little: header.littleEndian });
  const slope = Number(header.scl_slope), intercept = Number(header.scl_inter);
  if (Number.isFinite(slope) && slope !== 0 && !(slope === 1 && (intercept === 0 || Number.isNaN(intercept)))) {
    const shift = Number.isFinite(intercept) ? intercept : 0;
    const scaled = data instanceof Float64Array ? new Float64Array(count) : new Float32Array(count);
    for (const [chunk, first] of float64Chunks(data)) scaled.set(chunk.map((x) => x * slope + shift), first);
    data = scaled;
  }
  const wrong = firstNotFinite(data);
  if (wrong !== undefined) {
    const z = Math.floor(wrong / (size[0] * size[1])), y = Math.floor(wrong / size[0]) % size[1];
    refuse(name, "finite voxels", `${data[wrong]} at voxel (${wrong % size[0]}, ${y}, ${z})`);
  }
  return { data, size, spacing, affine };
}

/** The voxels in a type of our own; they lie where the bytes do, unless these are swapped, odd or of 64-bit integers. */
function voxelsOf(
  bytes: Uint8Array,
  { code, count, little }: { code: number; count: number; little: boolean },
): VoxelArray {
  const width = BYTES[code];
  const swapped = !little && width > 1;
  const own = isPlain(bytes) && bytes.byteOffset % width === 0 && !swapped ? bytes : bytes.slice();
  if (swapped) swapBytes(own, width);
  const data = new DATATYPES[code](own.buffer, own.byteOffset, count);
  return data instanceof BigInt64Array || data instanceof BigUint64Array ? Float64Array.from(data, Number) : data;
}

function isPlain(bytes: Uint8Array): bytes is Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer;
}

function swapBytes(bytes: Uint8Array<ArrayBuffer>, width: number): void {
  const { buffer, byteOffset, byteLength } = bytes;
  const view = Buffer.from(buffer, byteOffset, byteLength - byteLength % width);
  if (width === 2) view.swap16();
  else if (width === 4) view.swap32();
  else view.swap64();
}

/** Index of the first voxel that is infinite or not a number. */
function firstNotFinite(data: VoxelArray): number | undefined {
  if (!(data instanceof Float32Array || data instanceof Float64Array)) return undefined;
  for (const [chunk, start] of float64Chunks(data)) {
    for (let i = 0; i < chunk.length; i++) if (!Number.isFinite(chunk[i])) return start + i;
  }
  return undefined;
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
export function encodeNifti(volume: Volume): Uint8Array<ArrayBuffer> {
  const header = encodeHeader(volume), voxels = bytesOfVoxels(volume);
  const result = new Uint8Array(header.length + voxels.length);
  result.set(header);
  result.set(voxels, header.length);
  return result;
}

function bytesOfVoxels({ data }: Volume): Uint8Array<ArrayBuffer> {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** What stands before the voxels. */
function encodeHeader({ data, size, spacing, affine }: Volume): Uint8Array<ArrayBuffer> {
  const [code, bits] = CODES.get(data.constructor)!;
  const result = new Uint8Array(352);
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

/** Half the time of zlib's usual level 6, for files that are 2 % larger. */
const LEVEL = 5;

/** Writes a volume; `.gz` in the name compresses it. The same volume gives the same bytes. */
export async function writeNifti(path: string, volume: Volume): Promise<void> {
  if (!basename(path).endsWith(".gz")) return await Deno.writeFile(path, encodeNifti(volume));
  const gzip = createGzip({ level: LEVEL, chunkSize: CHUNK_BYTES });
  gzip.write(encodeHeader(volume));
  gzip.end(bytesOfVoxels(volume));
  const file = await open(path, "w");
  try {
    let isFirst = true;
    for await (const chunk of gzip as AsyncIterable<Uint8Array>) {
      if (isFirst) chunk[9] = 255; // the system that wrote it: unknown, on every system
      isFirst = false;
      await file.writeFile(chunk);
    }
  } finally {
    await file.close();
  }
}
