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

/** Smallest and largest voxel. */
export function extremes(data: ArrayLike<number>): { lowest: number; highest: number } {
  let lowest = Infinity, highest = -Infinity;
  for (let i = 0; i < data.length; i++) {
    if (data[i] < lowest) lowest = data[i];
    if (data[i] > highest) highest = data[i];
  }
  return { lowest, highest };
}

/** An array of the same type. */
export function arrayLike(data: VoxelArray, length: number): VoxelArray {
  return new (data.constructor as new (length: number) => VoxelArray)(length);
}
