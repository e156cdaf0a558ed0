import { float64Chunks, type Volume, type VoxelArray } from "../volume.ts";
import { type NiftiHeader, parseNiftiHeader, refuseFile as refuse } from "./nifti_header.ts";
import { swapBytes } from "./swap_bytes.ts";

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

/** How many bytes a file has, unpacked, by its header; refuses one of voxels that are not read. */
export function lengthByHeader({ size, datatype, start }: NiftiHeader, name: string): number {
  if (!(datatype in DATATYPES)) {
    refuse(name, "integers or real numbers", `${OTHER_DATATYPES[datatype] ?? "unknown"} voxels (datatype ${datatype})`);
  }
  return start + size[0] * size[1] * size[2] * BYTES[datatype];
}

/**
 * How many voxels a file of `length` bytes holds; refuses one that is not exactly as long as its header says.
 *
 * @param options.isMore whether there are further bytes, which nobody counted
 */
export function checkLength(
  length: number,
  header: NiftiHeader,
  name: string,
  { isMore = false }: { isMore?: boolean } = {},
): number {
  const expected = lengthByHeader(header, name), { size } = header;
  if (length !== expected || isMore) {
    const why = length < expected ? "the file is cut off" : "its header does not fit";
    refuse(name, `${expected} bytes (${size.join(" × ")} voxels)`, `${length}${isMore ? " and more" : ""}: ${why}`);
  }
  return size[0] * size[1] * size[2];
}

/**
 * Decodes the uncompressed bytes of a NIfTI file: NIfTI-1 or -2, both byte orders, all integer and real types. The voxels may lie
 * in these very bytes.
 *
 * @param name the file's name, for messages
 * @throws {UserError} of kind `data` if they are cut off, no NIfTI, not one real volume, or hold NaN
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
