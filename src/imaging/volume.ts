/** Arrays that voxels may lie in. 64-bit integers become float64. */
export type VoxelArray =
  | Int8Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>
  | Int16Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>;

/** Three numbers along x, y, z. */
export type Triple = [x: number, y: number, z: number];

/** A scan or a label map. */
export interface Volume {
  /** Voxels, x fastest, then y, then z: voxel (x, y, z) is element `x + nx·(y + ny·z)`. */
  data: VoxelArray;
  /** Number of voxels along x, y, z. */
  size: Triple;
  /** Distance of voxel centres along x, y, z in mm. */
  spacing: Triple;
  /** From voxel indices to mm (right, anterior, superior), 4 × 4, row-major. */
  affine: number[];
}

/** Whether voxels are integers, which decides how resampling rounds. */
export function isIntegerVolume({ data }: Volume): boolean {
  return !(data instanceof Float32Array || data instanceof Float64Array);
}

/** Voxels that are looked at together: they fit into a processor's cache. */
const CHUNK = 2 ** 14;

/**
 * Voxels of any type as float64, some thousands at a time, with the index of their first one. A loop over them meets one type of
 * array whatever the file held: V8 compiles such a loop once, and runs it up to ten times as fast.
 */
export function* float64Chunks(data: VoxelArray): Generator<[chunk: Float64Array<ArrayBuffer>, start: number]> {
  const buffer = data instanceof Float64Array ? undefined : new Float64Array(Math.min(CHUNK, data.length));
  for (let start = 0; start < data.length; start += CHUNK) {
    const part = data.subarray(start, start + CHUNK);
    if (part instanceof Float64Array) yield [part, start];
    else {
      buffer!.set(part);
      yield [buffer!.subarray(0, part.length), start];
    }
  }
}

/** Smallest and largest voxel. */
export function extremes(data: VoxelArray): { lowest: number; highest: number } {
  let lowest = Infinity, highest = -Infinity;
  for (const [chunk] of float64Chunks(data)) {
    for (let i = 0; i < chunk.length; i++) {
      if (chunk[i] < lowest) lowest = chunk[i];
      if (chunk[i] > highest) highest = chunk[i];
    }
  }
  return { lowest, highest };
}

/** An array of the same type. */
export function arrayLike(data: VoxelArray, length: number): VoxelArray {
  return new (data.constructor as new (length: number) => VoxelArray)(length);
}

/** The slices of a volume as float32, `[ny · nx]` each. */
export function slicesOf({ data, size: [nx, ny, nz] }: Volume): Float32Array<ArrayBuffer>[] {
  const area = nx * ny;
  return Array.from({ length: nz }, (_, z) => Float32Array.from(data.subarray(z * area, (z + 1) * area)));
}
