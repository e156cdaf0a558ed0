import { arrayLike, isIntegerVolume, type Triple, type Volume, type VoxelArray } from "./volume.ts";

/** Limits of the integer arrays. */
const RANGES = new Map<unknown, [lowest: number, highest: number]>([
  [Int8Array, [-(2 ** 7), 2 ** 7 - 1]],
  [Uint8Array, [0, 2 ** 8 - 1]],
  [Int16Array, [-(2 ** 15), 2 ** 15 - 1]],
  [Uint16Array, [0, 2 ** 16 - 1]],
  [Int32Array, [-(2 ** 31), 2 ** 31 - 1]],
  [Uint32Array, [0, 2 ** 32 - 1]],
]);

/** Where the samples of one axis lie. */
interface Axis {
  low: Int32Array;
  high: Int32Array;
  weight: Float64Array;
  inside: Uint8Array;
}

/**
 * Size after a change of spacing, `trunc(n·old/new + 1)` per axis: an axis that need not change grows by one voxel
 * (preprocessing reference, resampling, 1).
 */
export function resampledSize(size: Triple, spacing: Triple, newSpacing: Triple): Triple {
  return size.map((n, axis) => Math.trunc(n * (spacing[axis] / newSpacing[axis]) + 1)) as Triple;
}

function sampleAxis(count: number, outCount: number, ratio: number): Axis {
  const axis = {
    low: new Int32Array(outCount),
    high: new Int32Array(outCount),
    weight: new Float64Array(outCount),
    inside: new Uint8Array(outCount),
  };
  for (let j = 0; j < outCount; j++) {
    const position = j * ratio;
    const base = Math.floor(position);
    axis.weight[j] = position - base;
    axis.low[j] = Math.min(Math.max(base, 0), count - 1);
    axis.high[j] = Math.min(Math.max(base + 1, 0), count - 1);
    axis.inside[j] = Number(position >= -0.5 && position < count - 0.5);
  }
  return axis;
}

function sampleAxes(volume: Volume, newSpacing: Triple, size: Triple): [Axis, Axis, Axis] {
  return [0, 1, 2].map((k) => sampleAxis(volume.size[k], size[k], newSpacing[k] / volume.spacing[k])) as [
    Axis,
    Axis,
    Axis,
  ];
}

/** One slice of the source interpolated along x, then y, into `plane`. */
function interpolatePlane(
  source: (index: number) => number,
  [nx, ny]: Triple,
  z: number,
  [ax, ay]: Axis[],
  { row, plane }: { row: Float64Array; plane: Float64Array },
): void {
  const outX = ax.low.length, outY = ay.low.length;
  // rows of the source, each interpolated once along x
  for (let y = 0; y < ny; y++) {
    const start = (z * ny + y) * nx;
    for (let j = 0; j < outX; j++) {
      const a = source(start + ax.low[j]);
      row[y * outX + j] = a + (source(start + ax.high[j]) - a) * ax.weight[j];
    }
  }
  for (let k = 0; k < outY; k++) {
    const low = ay.low[k] * outX, high = ay.high[k] * outX, weight = ay.weight[k];
    for (let j = 0; j < outX; j++) plane[k * outX + j] = row[low + j] + (row[high + j] - row[low + j]) * weight;
  }
}

/** Interpolates a function of the source's voxels onto the new grid, slice by slice. */
function interpolate(
  source: (index: number) => number,
  size: Triple,
  axes: [Axis, Axis, Axis],
  write: (index: number, value: number) => void,
): void {
  const [ax, ay, az] = axes;
  const area = ax.low.length * ay.low.length;
  const row = new Float64Array(size[1] * ax.low.length);
  const planes = new Map<number, Float64Array>(); // the two source slices in use
  const planeOf = (z: number) => {
    let plane = planes.get(z);
    if (!plane) {
      plane = new Float64Array(area);
      interpolatePlane(source, size, z, axes, { row, plane });
      for (const other of planes.keys()) if (other < z - 1) planes.delete(other);
      planes.set(z, plane);
    }
    return plane;
  };
  for (let l = 0, index = 0; l < az.low.length; l++) {
    const low = planeOf(az.low[l]), high = planeOf(az.high[l]), weight = az.weight[l];
    for (let k = 0, p = 0; k < ay.low.length; k++) {
      const inside = az.inside[l] & ay.inside[k];
      for (let j = 0; j < ax.low.length; j++, p++, index++) {
        write(index, inside & ax.inside[j] ? low[p] + (high[p] - low[p]) * weight : 0);
      }
    }
  }
}

function withGrid(volume: Volume, data: VoxelArray, size: Triple, spacing: Triple): Volume {
  const affine = [...volume.affine];
  for (let row = 0; row < 3; row++) {
    for (let axis = 0; axis < 3; axis++) affine[4 * row + axis] *= spacing[axis] / volume.spacing[axis];
  }
  return { data, size, spacing, affine };
}

/**
 * Linear resampling with the conventions of ITK's filter (preprocessing reference, resampling, 2 to 4): voxel 0 stays where
 * it is, outside is 0, integers are clamped to their range and truncated toward zero.
 *
 * @param spacing the new one, in mm
 */
export function resampleLinear(volume: Volume, spacing: Triple): Volume {
  const size = resampledSize(volume.size, volume.spacing, spacing);
  const data = arrayLike(volume.data, size[0] * size[1] * size[2]);
  const { data: source } = volume;
  const axes = sampleAxes(volume, spacing, size);
  if (isIntegerVolume(volume)) {
    const [lowest, highest] = RANGES.get(source.constructor)!;
    interpolate((i) => source[i], volume.size, axes, (i, value) => {
      data[i] = Math.trunc(Math.min(Math.max(value, lowest), highest));
    });
  } else interpolate((i) => source[i], volume.size, axes, (i, value) => data[i] = value);
  return withGrid(volume, data, size, spacing);
}

/**
 * Resampling of labels: every class as an indicator, a voxel gets a class only above one half, and becomes background where
 * none passes it (preprocessing reference, resampling, 5).
 *
 * @param spacing the new one, in mm
 * @returns float32 labels
 */
export function resampleLabels(volume: Volume, spacing: Triple): Volume {
  const size = resampledSize(volume.size, volume.spacing, spacing);
  const data = new Float32Array(size[0] * size[1] * size[2]);
  const axes = sampleAxes(volume, spacing, size);
  const { data: source } = volume;
  for (const label of [...new Set<number>(source)].sort((a, b) => a - b)) {
    interpolate((i) => source[i] === label ? 1 : 0, volume.size, axes, (i, share) => {
      if (Math.fround(share) > 0.5) data[i] = label;
    });
  }
  return withGrid(volume, data, size, spacing);
}
