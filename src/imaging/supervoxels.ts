import { UserError } from "../errors.ts";
import { extremes, type Volume } from "./volume.ts";

/** The 13 edge kinds (dz, dy, dx), in the order in which equal costs are visited (preprocessing reference, supervoxels, 3). */
const KINDS: readonly [dz: number, dy: number, dx: number][] = [
  [0, 1, 0],
  [0, 1, 1],
  [0, 0, 1],
  [0, 1, -1],
  [1, 1, 0],
  [1, 1, 1],
  [1, 0, 1],
  [1, -1, 0],
  [1, -1, -1],
  [1, 0, -1],
  [1, 1, -1],
  [1, -1, 1],
  [1, 0, 0],
];

/** Scale of the first pass, `1 / 255` as published. */
const ALLOWANCE = 1 / 255;

/** What {@link supervoxels} needs beside the image. */
export interface SupervoxelOptions {
  /** Smallest size of a supervoxel in voxels (published as their number, a quirk). */
  minVoxels: number;
  /** Scaled intensities above it are the patient. */
  threshold?: number;
}

/** The results of all three steps, for the fixtures. */
export interface SupervoxelSteps {
  /** Regions numbered by their first voxel. */
  segments: Int32Array<ArrayBuffer>;
  /** 1 inside of the patient. */
  foreground: Uint8Array<ArrayBuffer>;
  /** The supervoxels: regions inside of the patient, 0 outside. */
  labels: Int32Array<ArrayBuffer>;
}

/**
 * Supervoxels of a preprocessed image: graph-based segmentation (Felzenszwalb and Huttenlocher 2004) of the 26-connected
 * grid, masked by the patient (preprocessing reference, supervoxels).
 *
 * @param name of the image, for messages
 * @throws {UserError} if the image is constant
 */
export function supervoxels(image: Volume, options: SupervoxelOptions, name: string): SupervoxelSteps {
  const { lowest, highest } = extremes(image.data);
  if (!(lowest < highest)) {
    throw new UserError(
      "data",
      `Cannot find supervoxels in "${name}": expected intensities that differ, found ${lowest}`,
    );
  }
  const scaled = Float64Array.from(image.data, (x) => 255 * (x - lowest) / (highest - lowest));
  const segments = segment(scaled, image, options.minVoxels);
  const foreground = patient(scaled, image, options.threshold ?? 10);
  const [count] = [segments.reduce((a, b) => Math.max(a, b), 0) + 1];
  const labels = Int32Array.from(segments, (region, i) => foreground[i] ? (region === 0 ? count : region) : 0);
  return { segments, foreground, labels };
}

/** Edges of the grid in ascending order of cost. */
interface Edges {
  cost: Float64Array;
  from: Int32Array;
  kind: Uint8Array;
  /** Visiting order. */
  order: Uint32Array;
  /** Distance from the first voxel to the second, by kind. */
  step: Int32Array;
}

function makeEdges(scaled: Float64Array, { size: [nx, ny, nz], spacing }: Volume): Edges {
  const ratio = spacing[2] / spacing[0];
  const counts = KINDS.map(([dz, dy, dx]) => (nz - dz) * (ny - Math.abs(dy)) * (nx - Math.abs(dx)));
  const total = counts.reduce((a, b) => a + Math.max(b, 0), 0);
  const cost = new Float64Array(total), from = new Int32Array(total), kind = new Uint8Array(total);
  const step = Int32Array.from(KINDS, ([dz, dy, dx]) => (dz * ny + dy) * nx + dx);
  let e = 0;
  for (const [k, [dz, dy, dx]] of KINDS.entries()) {
    const inPlane = Math.abs(dy) + Math.abs(dx);
    const factor = dz === 0 ? 1 : Math.sqrt((inPlane + ratio * ratio) / (inPlane + 1));
    for (let z = 0; z < nz - dz; z++) {
      for (let y = Math.max(0, -dy); y < ny - Math.max(0, dy); y++) {
        const row = (z * ny + y) * nx;
        for (let i = row + Math.max(0, -dx); i < row + nx - Math.max(0, dx); i++, e++) {
          cost[e] = factor * Math.abs(scaled[i + step[k]] - scaled[i]);
          from[e] = i;
          kind[e] = k;
        }
      }
    }
  }
  return { cost, from, kind, order: sortedOrder(cost), step };
}

/**
 * Indices in ascending order of non-negative values, equal ones in their given order: a radix sort on the bits, 16 at a
 * time, which compares nothing.
 */
function sortedOrder(values: Float64Array): Uint32Array {
  const words = new Uint16Array(values.buffer, values.byteOffset, values.length * 4);
  let order = Uint32Array.from({ length: values.length }, (_, i) => i);
  let next = new Uint32Array(values.length);
  const starts = new Uint32Array(65536);
  for (let digit = 0; digit < 4; digit++) {
    starts.fill(0);
    for (let i = digit; i < words.length; i += 4) starts[words[i]]++;
    let sum = 0;
    for (let d = 0; d < 65536; d++) {
      const count = starts[d];
      starts[d] = sum;
      sum += count;
    }
    for (let i = 0; i < order.length; i++) next[starts[words[4 * order[i] + digit]]++] = order[i];
    [order, next] = [next, order];
  }
  return order;
}

/** Both passes of the segmentation; regions are numbered by their first voxel. */
function segment(scaled: Float64Array, volume: Volume, minVoxels: number): Int32Array<ArrayBuffer> {
  const { cost, from, kind, order, step } = makeEdges(scaled, volume);
  const voxels = scaled.length;
  const parent = Int32Array.from({ length: voxels }, (_, i) => i);
  const sizes = new Int32Array(voxels).fill(1);
  const inner = new Float64Array(voxels);
  const root = (node: number) => {
    while (parent[node] !== node) {
      parent[node] = parent[parent[node]];
      node = parent[node];
    }
    return node;
  };
  // The root of a region is its first voxel, which numbers it in the end.
  const join = (a: number, b: number) => {
    const low = Math.min(a, b), high = Math.max(a, b);
    parent[high] = low;
    sizes[low] += sizes[high];
    return low;
  };
  for (let k = 0; k < order.length; k++) {
    const e = order[k];
    const a = root(from[e]), b = root(from[e] + step[kind[e]]);
    if (a === b) continue;
    const limit = Math.min(Math.fround(inner[a] + ALLOWANCE / sizes[a]), Math.fround(inner[b] + ALLOWANCE / sizes[b]));
    if (cost[e] < limit) inner[join(a, b)] = cost[e];
  }
  for (let k = 0; k < order.length; k++) {
    const e = order[k];
    const a = root(from[e]), b = root(from[e] + step[kind[e]]);
    if (a !== b && (sizes[a] < minVoxels || sizes[b] < minVoxels)) join(a, b);
  }
  const segments = new Int32Array(voxels);
  let regions = 0;
  for (let i = 0; i < voxels; i++) segments[i] = parent[i] === i ? regions++ : segments[root(i)];
  return segments;
}

/** The patient in every slice: the largest 8-connected region above the threshold, its holes filled. */
function patient(scaled: Float64Array, { size: [nx, ny, nz] }: Volume, threshold: number): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(scaled.length);
  const area = nx * ny;
  const stack = new Int32Array(area);
  const region = new Int32Array(area);
  /** Fills the region of a pixel and returns its size. */
  const flood = (start: number, id: number, diagonal: boolean, belongs: (p: number) => boolean) => {
    let depth = 0, count = 0;
    region[start] = id;
    stack[depth++] = start;
    while (depth > 0) {
      const p = stack[--depth];
      count++;
      const x = p % nx, y = (p - x) / nx;
      for (let dy = -1; dy <= 1; dy++) {
        for (let dx = -1; dx <= 1; dx++) {
          if (!diagonal && dx !== 0 && dy !== 0) continue;
          const qx = x + dx, qy = y + dy;
          if (qx < 0 || qy < 0 || qx >= nx || qy >= ny) continue;
          const q = qy * nx + qx;
          if (region[q] === 0 && belongs(q)) {
            region[q] = id;
            stack[depth++] = q;
          }
        }
      }
    }
    return count;
  };
  for (let z = 0; z < nz; z++) {
    const start = z * area;
    region.fill(0);
    let largest = 0, size = 0, id = 0;
    for (let p = 0; p < area; p++) {
      if (region[p] !== 0 || !(scaled[start + p] > threshold)) continue;
      const count = flood(p, ++id, true, (q) => scaled[start + q] > threshold);
      if (count > size) [largest, size] = [id, count];
    }
    if (size === 0) continue;
    for (let p = 0; p < area; p++) result[start + p] = Number(region[p] === largest);
    // what the border does not reach through the background is a hole
    region.fill(0);
    const isBackground = (p: number) => result[start + p] === 0;
    for (let p = 0; p < area; p++) {
      const x = p % nx, y = (p - x) / nx;
      const onBorder = x === 0 || y === 0 || x === nx - 1 || y === ny - 1;
      if (onBorder && region[p] === 0 && isBackground(p)) flood(p, 1, false, isBackground);
    }
    for (let p = 0; p < area; p++) if (region[p] === 0) result[start + p] = 1;
  }
  return result;
}
