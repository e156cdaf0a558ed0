import { arrayLike, float64Chunks, isIntegerVolume, type Triple, type Volume, type VoxelArray } from "./volume.ts";

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
 * (docs/reference/preprocessing.md, 3, step 1).
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

/** Half-open ranges of the new grid along x, y, z. */
type Box = [x: Range, y: Range, z: Range];
type Range = [first: number, end: number];

/** One source slice, interpolated along x, then y, within a box of the new grid. */
class InterpolatedSlice {
  readonly #axes: readonly [Axis, Axis, Axis];
  readonly #box: Box;
  /** Rows of the source, interpolated along x. */
  readonly #rows: Float64Array<ArrayBuffer>;
  /** Values of the box, on the whole new slice. */
  readonly values: Float64Array<ArrayBuffer>;
  /** Which source slice it holds. */
  z = -1;

  constructor(axes: readonly [Axis, Axis, Axis], box: Box, rowsOfSource: number) {
    this.#axes = axes;
    this.#box = box;
    this.#rows = new Float64Array(rowsOfSource * axes[0].low.length);
    this.values = new Float64Array(axes[0].low.length * axes[1].low.length);
  }

  /** @param source voxels of slice `z`, in rows of `nx` */
  fill(z: number, source: Float64Array, nx: number): void {
    const [{ low: lowX, high: highX, weight: weightX }, { low: lowY, high: highY, weight: weightY }] = this.#axes;
    const [[firstX, endX], [firstY, endY]] = this.#box;
    const rows = this.#rows, values = this.values, outX = lowX.length;
    this.z = z;
    for (let y = lowY[firstY]; y <= highY[endY - 1]; y++) {
      const start = y * nx;
      for (let j = firstX; j < endX; j++) {
        const a = source[start + lowX[j]];
        rows[y * outX + j] = a + (source[start + highX[j]] - a) * weightX[j];
      }
    }
    for (let k = firstY; k < endY; k++) {
      const low = lowY[k] * outX, high = highY[k] * outX, weight = weightY[k];
      for (let j = firstX; j < endX; j++) {
        values[k * outX + j] = rows[low + j] + (rows[high + j] - rows[low + j]) * weight;
      }
    }
  }
}

/**
 * Interpolates a source within a box of the new grid, slice by slice.
 *
 * @param load fills in the voxels of a source slice
 * @param take gets the values of the box on a new slice, 0 where a sample lies outside of the source; they change with the next
 */
function interpolate(
  { size: [nx, ny], axes, box }: { size: Triple; axes: readonly [Axis, Axis, Axis]; box: Box },
  load: (z: number, into: Float64Array<ArrayBuffer>) => void,
  take: (z: number, values: Float64Array<ArrayBuffer>) => void,
): void {
  const [ax, ay, az] = axes;
  const [[firstX, endX], [firstY, endY], [firstZ, endZ]] = box;
  const outX = ax.low.length, insideX = ax.inside;
  const source = new Float64Array(nx * ny);
  const held = [new InterpolatedSlice(axes, box, ny), new InterpolatedSlice(axes, box, ny)];
  /** The slice, made unless held already, in place of the one that is not `keep`. */
  const sliceOf = (z: number, keep?: InterpolatedSlice) => {
    const known = held.find((slice) => slice.z === z);
    if (known) return known;
    const slice = held[0] === keep ? held[1] : held[0];
    load(z, source);
    slice.fill(z, source, nx);
    return slice;
  };
  const values = new Float64Array(outX * ay.low.length);
  for (let l = firstZ; l < endZ; l++) {
    const weight = az.weight[l];
    const lowSlice = sliceOf(az.low[l]);
    const low = lowSlice.values;
    const high = weight === 0 ? low : sliceOf(az.high[l], lowSlice).values; // x + 0 · (y - x) is x
    for (let k = firstY; k < endY; k++) {
      const inside = az.inside[l] & ay.inside[k];
      for (let p = k * outX + firstX, j = firstX; j < endX; j++, p++) {
        values[p] = (inside & insideX[j]) === 1 ? low[p] + (high[p] - low[p]) * weight : 0;
      }
    }
    take(l, values);
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
 * Linear resampling with the conventions of ITK's filter (docs/reference/preprocessing.md, 3, steps 2 to 4): voxel 0
 * stays where it is, outside is 0, integers are clamped to their range and truncated toward zero.
 *
 * @param spacing the new one, in mm
 */
export function resampleLinear(volume: Volume, spacing: Triple): Volume {
  const size = resampledSize(volume.size, volume.spacing, spacing);
  const area = size[0] * size[1], sourceArea = volume.size[0] * volume.size[1];
  const data = arrayLike(volume.data, area * size[2]);
  const range = isIntegerVolume(volume) ? RANGES.get(data.constructor)! : undefined;
  const box: Box = [[0, size[0]], [0, size[1]], [0, size[2]]];
  interpolate(
    { size: volume.size, axes: sampleAxes(volume, spacing, size), box },
    (z, into) => into.set(volume.data.subarray(z * sourceArea, (z + 1) * sourceArea)),
    (z, values) => {
      if (range) {
        for (let i = 0; i < area; i++) values[i] = Math.trunc(Math.min(Math.max(values[i], range[0]), range[1]));
      }
      data.set(values, z * area);
    },
  );
  return withGrid(volume, data, size, spacing);
}

/**
 * Resampling of labels: every class as an indicator, a voxel gets a class only above one half, and becomes background
 * where none passes it (docs/reference/preprocessing.md, 3, step 5).
 *
 * @param spacing the new one, in mm
 * @returns float32 labels
 */
export function resampleLabels(volume: Volume, spacing: Triple): Volume {
  const size = resampledSize(volume.size, volume.spacing, spacing);
  const [nx, ny] = volume.size, [outX, outY] = size;
  const data = new Float32Array(outX * outY * size[2]);
  const axes = sampleAxes(volume, spacing, size);
  for (const [label, found] of [...boxesOf(volume)].sort(([a], [b]) => a - b)) {
    if (label === 0) continue; // 0 is what a voxel has anyway
    const box = found.map((range, k) => reachOf(axes[k], range)) as Box;
    if (box.some(([first, end]) => first >= end)) continue;
    const [[firstX, endX], [firstY, endY]] = box;
    const firstRow = axes[1].low[firstY], rowsEnd = axes[1].high[endY - 1] + 1;
    interpolate(
      { size: volume.size, axes, box },
      (z, into) => {
        into.set(volume.data.subarray((z * ny + firstRow) * nx, (z * ny + rowsEnd) * nx), firstRow * nx);
        for (let i = firstRow * nx; i < rowsEnd * nx; i++) into[i] = into[i] === label ? 1 : 0;
      },
      (z, shares) => {
        for (let k = firstY; k < endY; k++) {
          for (let p = k * outX + firstX, end = k * outX + endX; p < end; p++) {
            if (Math.fround(shares[p]) > 0.5) data[z * outX * outY + p] = label;
          }
        }
      },
    );
  }
  return withGrid(volume, data, size, spacing);
}

/** The smallest box around the voxels of every label, by label. */
function boxesOf({ data, size: [nx, ny, nz] }: Volume): Map<number, Box> {
  const boxes = new Map<number, Box>();
  for (let z = 0, row = 0; z < nz; z++) {
    for (let y = 0; y < ny; y++, row++) {
      for (const [chunk, start] of float64Chunks(data.subarray(row * nx, (row + 1) * nx))) {
        for (let i = 0; i < chunk.length;) {
          const label = chunk[i], first = start + i;
          while (i < chunk.length && chunk[i] === label) i++; // labels come in runs
          const box = boxes.get(label);
          if (!box) boxes.set(label, [[first, start + i], [y, y + 1], [z, z + 1]]);
          else {
            const [onX, onY, onZ] = box;
            onX[0] = Math.min(onX[0], first);
            onX[1] = Math.max(onX[1], start + i);
            onY[0] = Math.min(onY[0], y);
            onY[1] = Math.max(onY[1], y + 1);
            onZ[1] = z + 1;
          }
        }
      }
    }
  }
  return boxes;
}

/** The samples of an axis that some voxel of a range of the source takes part in. */
function reachOf({ low, high }: Axis, [first, end]: Range): Range {
  let from = 0, to = low.length;
  while (from < to && high[from] < first) from++;
  while (to > from && low[to - 1] >= end) to--;
  return [from, to];
}
