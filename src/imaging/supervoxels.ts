import { UserError } from "../errors.ts";
import { edgeSteps, GridEdges, MAX_VOXELS } from "./grid_edges.ts";
import { patient } from "./patient.ts";
import { extremes, type Volume } from "./volume.ts";

/** Scale of the first pass, `1 / 255` as published. */
const ALLOWANCE = 1 / 255;

/**
 * No edge of this cost or more joins regions in the first pass. A region of m voxels has an inner cost below
 * `2 ALLOWANCE (1 - 1/m)`: its last edge cost less than the smaller half's inner cost plus `ALLOWANCE / size`, and the smaller
 * half has at most m/2 voxels. The last factor covers the rounding to float32, once for every doubling.
 */
const FIRST_PASS_LIMIT = 2 * ALLOWANCE * (1 + 2 ** -16);

/** What {@link supervoxels} needs beside the image. */
export interface SupervoxelOptions {
  /** Smallest size of a supervoxel in voxels (published as their number, a quirk). */
  minVoxels: number;
  /** Scaled intensities above it are the patient. */
  threshold?: number;
  /** Edges that are sorted together, see {@link GridEdges}; a matter of memory and time alone. */
  bandEdges?: number;
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
 * Supervoxels of a preprocessed image: graph-based segmentation (Felzenszwalb and Huttenlocher 2004) of the
 * 26-connected grid, masked by the patient (docs/reference/preprocessing.md, 8).
 *
 * @param name of the image, for messages
 * @throws {UserError} if the image is constant or has more than 2^28 voxels
 */
export function supervoxels(image: Volume, options: SupervoxelOptions, name: string): SupervoxelSteps {
  const { lowest, highest } = extremes(image.data);
  if (!(lowest < highest)) {
    throw new UserError(
      "data",
      `Cannot find supervoxels in "${name}": expected intensities that differ, found ${lowest}`,
    );
  }
  if (image.data.length > MAX_VOXELS) {
    throw new UserError(
      "data",
      `Cannot find supervoxels in "${name}": expected at most ${MAX_VOXELS} voxels, found ${image.data.length}. Choose a ` +
        "larger spacing",
    );
  }
  const { data } = image;
  const scaled = new Float64Array(data.length);
  for (let i = 0; i < scaled.length; i++) scaled[i] = 255 * (data[i] - lowest) / (highest - lowest);
  const { segments, count } = segment(scaled, image, options);
  const foreground = patient(scaled, image, options.threshold ?? 10);
  const labels = new Int32Array(segments.length);
  for (let i = 0; i < labels.length; i++) if (foreground[i] === 1) labels[i] = segments[i] || count;
  return { segments, foreground, labels };
}

/** Regions of voxels that grow together. The root of a region is its first voxel, which numbers it in the end. */
class Regions {
  /** Another voxel of the region, never a later one; a root is its own. */
  readonly parent: Int32Array<ArrayBuffer>;
  /** Voxels of a region, at its root. */
  readonly sizes: Int32Array<ArrayBuffer>;

  constructor(voxels: number) {
    this.parent = new Int32Array(voxels);
    this.sizes = new Int32Array(voxels).fill(1);
    for (let i = 0; i < voxels; i++) this.parent[i] = i;
  }

  root(voxel: number): number {
    const { parent } = this;
    while (parent[voxel] !== voxel) {
      parent[voxel] = parent[parent[voxel]];
      voxel = parent[voxel];
    }
    return voxel;
  }

  /** Joins the regions of two roots and returns the root of both. */
  join(a: number, b: number): number {
    const low = Math.min(a, b), high = Math.max(a, b);
    this.parent[high] = low;
    this.sizes[low] += this.sizes[high];
    return low;
  }

  /** Makes every voxel know its root. Earlier voxels do so already when their turn comes. */
  flatten(): void {
    const { parent } = this;
    for (let i = 0; i < parent.length; i++) parent[i] = parent[parent[i]];
  }
}

/** Both passes of the segmentation; regions are numbered by their first voxel. */
function segment(
  scaled: Float64Array,
  volume: Volume,
  { minVoxels, bandEdges }: SupervoxelOptions,
): { segments: Int32Array<ArrayBuffer>; count: number } {
  const regions = new Regions(scaled.length);
  const edges = new GridEdges(scaled, volume, bandEdges);
  firstPass(regions, edges, volume);
  secondPass(regions, edges, { volume, minVoxels });
  regions.flatten();
  const { parent } = regions;
  const segments = new Int32Array(parent.length);
  let count = 0;
  for (let i = 0; i < segments.length; i++) segments[i] = parent[i] === i ? count++ : segments[parent[i]];
  return { segments, count };
}

/**
 * Joins regions whose difference is small beside the differences within them (docs/reference/preprocessing.md, 8, step
 * 4).
 */
function firstPass(regions: Regions, edges: GridEdges, { size }: Volume): void {
  const { sizes } = regions;
  // Edges of cost 0 come first and always join, whatever their order; inner costs stay 0.
  edges.visitZero((i, j) => {
    const a = regions.root(i), b = regions.root(j);
    if (a !== b) regions.join(a, b);
  });
  const inner = new Float64Array(sizes.length);
  const steps = edgeSteps(size);
  edges.visit({
    below: FIRST_PASS_LIMIT,
    regions: (into) => {
      regions.flatten();
      into.set(regions.parent);
    },
    edges: (ids, costs, count) => {
      for (let k = 0; k < count; k++) {
        const i = ids[k] >>> 4, cost = costs[k];
        const a = regions.root(i), b = regions.root(i + steps[ids[k] & 15]);
        if (a === b) continue;
        const limit = Math.min(
          Math.fround(inner[a] + ALLOWANCE / sizes[a]),
          Math.fround(inner[b] + ALLOWANCE / sizes[b]),
        );
        if (cost < limit) inner[regions.join(a, b)] = cost;
      }
    },
  });
}

/**
 * Joins regions of which one is too small, over the same edges in the same order (docs/reference/preprocessing.md, 8,
 * step 5).
 */
function secondPass(
  regions: Regions,
  edges: GridEdges,
  { volume, minVoxels }: { volume: Volume; minVoxels: number },
): void {
  const { parent, sizes } = regions;
  const steps = edgeSteps(volume.size);
  edges.visit({
    below: Infinity,
    regions: (into) => {
      regions.flatten();
      // Two regions that are large enough never join.
      for (let i = 0; i < into.length; i++) into[i] = sizes[parent[i]] < minVoxels ? parent[i] : ~parent[i];
    },
    edges: (ids, _, count) => {
      for (let k = 0; k < count; k++) {
        const i = ids[k] >>> 4;
        const a = regions.root(i), b = regions.root(i + steps[ids[k] & 15]);
        if (a !== b && (sizes[a] < minVoxels || sizes[b] < minVoxels)) regions.join(a, b);
      }
    },
  });
}
