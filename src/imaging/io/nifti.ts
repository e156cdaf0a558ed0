import { Buffer } from "node:buffer";
import { basename } from "node:path";
import { createGunzip, createGzip } from "node:zlib";
import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { float64Chunks, type Volume, type VoxelArray } from "../volume.ts";
import { bytesOfVoxels, encodeHeader, encodeNifti } from "./nifti_encode.ts";
import {
  HEADER_BYTES,
  type NiftiHeader,
  parseNiftiHeader,
  refuseFile as refuse,
  type WrittenGrid,
} from "./nifti_header.ts";

export { encodeNifti } from "./nifti_encode.ts";
export type { NiftiHeader, WrittenGrid } from "./nifti_header.ts";

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

/** How a file is read of which it is not known what it holds. */
export interface ReadOptions {
  /** Told what in the header contradicts itself. */
  onHeader?: (message: string) => void;
  /** Told which voxels were replaced. */
  onVoxels?: (message: string) => void;
  /** What voxels become that are infinite or not a number: the lowest finite value or background; refused unless given. */
  notFinite?: "lowest" | "background";
}

/**
 * Reads a `.nii` or `.nii.gz` file: NIfTI-1 or -2, both byte orders, all integer and real types, any number of gzip members.
 *
 * @throws {UserError} of kind `data` if the file is missing, cut off, not a NIfTI, not one real volume, or holds NaN
 */
export async function readNifti(path: string, options: ReadOptions = {}): Promise<Volume> {
  return decodeNifti(await bytesOf(path), path, options);
}

/** Bytes that the decompressor hands over at a time: with its own 16 KiB the events cost more than the work. */
const CHUNK_BYTES = 2 ** 20;

/** More than the most that gzip can shrink something. */
const GZIP_LIMIT = 1040;

/** The uncompressed bytes of a file. */
async function bytesOf(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const raw = await Deno.readFile(path).catch(() => refuseMissing(path));
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
  const header = parseNiftiHeader(bytes, path);
  if (length !== undefined) checkLength(length, header, path);
  return header;
}

/** Says why a file could not be opened. */
async function refuseMissing(path: string): Promise<never> {
  const found = await stat(path).catch(() => undefined);
  return refuse(
    path,
    "a NIfTI file",
    !found ? "no such file" : found.isDirectory() ? "a folder" : "one that may not be read",
  );
}

/** The first uncompressed bytes of a file, and the length of one that is not packed. */
async function firstBytes(path: string, count: number): Promise<{ bytes: Uint8Array; length?: number }> {
  const file = await open(path).catch(() => refuseMissing(path));
  if ((await file.stat()).isDirectory()) {
    await file.close();
    await refuseMissing(path);
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

/** How many voxels a file of `length` bytes holds; refuses one that is not exactly as long as its header says. */
function checkLength(length: number, { size, datatype, start }: NiftiHeader, name: string): number {
  if (!(datatype in DATATYPES)) {
    refuse(name, "integers or real numbers", `${OTHER_DATATYPES[datatype] ?? "unknown"} voxels (datatype ${datatype})`);
  }
  const count = size[0] * size[1] * size[2];
  const expected = start + count * BYTES[datatype];
  if (length !== expected) {
    const why = length < expected ? "the file is cut off" : "its header does not fit";
    refuse(name, `${expected} bytes (${size.join(" × ")} voxels)`, `${length}: ${why}`);
  }
  return count;
}

/**
 * Decodes the uncompressed bytes of a NIfTI file. The voxels may lie in these very bytes.
 *
 * @param name the file's name, for messages
 * @throws {UserError} as {@link readNifti}
 */
export function decodeNifti(
  bytes: Uint8Array,
  name: string,
  { onHeader, onVoxels, notFinite }: ReadOptions = {},
): Volume {
  const header = parseNiftiHeader(bytes, name);
  for (const warning of header.warnings) onHeader?.(`"${name}": ${warning}`);
  const { size, spacing, affine, datatype: code, little, slope, intercept } = header;
  const count = checkLength(bytes.length, header, name);
  let data = voxelsOf(bytes.subarray(header.start), { code, count, little });
  if (Number.isFinite(slope) && slope !== 0 && !(slope === 1 && (intercept === 0 || Number.isNaN(intercept)))) {
    const shift = Number.isFinite(intercept) ? intercept : 0;
    const scaled = data instanceof Float64Array ? new Float64Array(count) : new Float32Array(count);
    for (const [chunk, first] of float64Chunks(data)) scaled.set(chunk.map((x) => x * slope + shift), first);
    data = scaled;
  }
  const volume = { data, size, spacing, affine };
  const wrong = firstNotFinite(data);
  if (wrong === undefined) return volume;
  const z = Math.floor(wrong / (size[0] * size[1])), y = Math.floor(wrong / size[0]) % size[1];
  const where = `${data[wrong]} at voxel (${wrong % size[0]}, ${y}, ${z})`;
  if (!notFinite) refuse(name, "finite voxels", where);
  const { data: replaced, ...about } = withoutNotFinite(data as Float32Array<ArrayBuffer>, notFinite);
  if (about.replaced === data.length) refuse(name, "finite voxels", "none");
  const all = `${about.replaced} of ${data.length} voxels are not finite (the first, ${where})`;
  onVoxels?.(
    `"${name}": ${all}: they become ${notFinite === "lowest" ? `the lowest finite value, ${about.by}` : "background"}`,
  );
  return { ...volume, data: replaced };
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

/** Puts the lowest finite value, or 0, in place of what is not finite. */
function withoutNotFinite(
  data: Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>,
  by: "lowest" | "background",
): { data: VoxelArray; replaced: number; by: number } {
  let lowest = Infinity, replaced = 0;
  for (let i = 0; i < data.length; i++) {
    if (!Number.isFinite(data[i])) replaced++;
    else if (data[i] < lowest) lowest = data[i];
  }
  const value = by === "lowest" ? lowest : 0;
  return { data: data.map((x) => Number.isFinite(x) ? x : value) as VoxelArray, replaced, by: value };
}

/** Half the time of zlib's usual level 6, for files that are 2 % larger. */
const LEVEL = 5;

/**
 * Writes a volume; `.gz` in the name compresses it. The same volume gives the same bytes.
 *
 * @param like what a file of the same grid says of it, which this one then says, too
 */
export async function writeNifti(path: string, volume: Volume, like?: WrittenGrid): Promise<void> {
  if (!basename(path).endsWith(".gz")) return await Deno.writeFile(path, encodeNifti(volume, like));
  const gzip = createGzip({ level: LEVEL, chunkSize: CHUNK_BYTES });
  gzip.write(encodeHeader(volume, like));
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
