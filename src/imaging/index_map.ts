import type { Orientation } from "./geometry.ts";
import type { Triple } from "./volume.ts";

/**
 * Where the voxels of one grid lie in another one: index `k` there is `scale[k] · i[axes[k]] + offset[k]` for the index `i` here.
 * All that a recipe does to a grid is of this form: axes exchanged and turned, spacing, borders.
 */
export interface IndexMap {
  /** Axis here of each axis there. */
  axes: Triple;
  /** Voxels there for one here. */
  scale: Triple;
  /** Index there of voxel 0 here. */
  offset: Triple;
}

/** Voxel on voxel. */
export const SAME_INDEX: IndexMap = { axes: [0, 1, 2], scale: [1, 1, 1], offset: [0, 0, 0] };

/** One map after another. */
export function composed(first: IndexMap, second: IndexMap): IndexMap {
  const pick = (values: Triple) => second.axes.map((axis) => values[axis]) as Triple;
  const scale = pick(first.scale), offset = pick(first.offset);
  return {
    axes: pick(first.axes),
    scale: scale.map((value, k) => second.scale[k] * value) as Triple,
    offset: offset.map((value, k) => second.scale[k] * value + second.offset[k]) as Triple,
  };
}

/** The map of a rearrangement of axes. */
export function mapOfOrientation({ axes, flips }: Orientation, size: Triple): IndexMap {
  return {
    axes: [...axes],
    scale: flips.map((isTurned) => isTurned ? -1 : 1) as Triple,
    offset: axes.map((axis, k) => flips[k] ? size[axis] - 1 : 0) as Triple,
  };
}

/** The map of another spacing, under which voxel 0 stays where it is. */
export function mapOfSpacing(spacing: Triple, newSpacing: Triple): IndexMap {
  return { ...SAME_INDEX, scale: spacing.map((mm, k) => 1 / (newSpacing[k] / mm)) as Triple };
}

/** The map of a rectangle that is cut out of every slice, or beyond it. */
export function mapOfCrop({ x, y }: { x: number; y: number }): IndexMap {
  return { ...SAME_INDEX, offset: [-x, -y, 0] };
}

/** Samples of one axis here: the neighbours there, as offsets into the voxels, and the share of the higher one. */
interface Samples {
  low: Int32Array;
  high: Int32Array;
  weight: Float64Array;
  inside: Uint8Array;
}

function samplesOf(
  count: number,
  { scale, offset, there, stride }: Record<"scale" | "offset" | "there" | "stride", number>,
): Samples {
  const samples = {
    low: new Int32Array(count),
    high: new Int32Array(count),
    weight: new Float64Array(count),
    inside: new Uint8Array(count),
  };
  for (let i = 0; i < count; i++) {
    const position = scale * i + offset;
    const base = Math.floor(position);
    samples.weight[i] = position - base;
    samples.low[i] = Math.min(Math.max(base, 0), there - 1) * stride;
    samples.high[i] = Math.min(Math.max(base + 1, 0), there - 1) * stride;
    samples.inside[i] = Number(isInside(position, there));
  }
  return samples;
}

function isInside(position: number, count: number): boolean {
  return position >= -0.5 && position < count - 0.5;
}

/**
 * Brings values from the grid there to the grid here, linearly between voxels, 0 outside of it: plane by plane of the last axis
 * here, so that a large scan need not lie in memory. A plane changes with the next.
 *
 * @param values there, x fastest
 * @param options.there size of the grid there
 * @param options.here size of the grid here
 */
export function* planesBack(
  values: Float32Array,
  map: IndexMap,
  { there, here }: { there: Triple; here: Triple },
): Generator<Float32Array<ArrayBuffer>> {
  const strides = [1, there[0], there[0] * there[1]];
  const [x, y, z] = [0, 1, 2].map((axis) => {
    const k = map.axes.indexOf(axis);
    return samplesOf(here[axis], { scale: map.scale[k], offset: map.offset[k], there: there[k], stride: strides[k] });
  });
  const plane = new Float32Array(here[0] * here[1]);
  for (let c = 0; c < here[2]; c++) {
    plane.fill(0);
    for (let b = 0, i = 0; b < here[1]; b++) {
      if ((z.inside[c] & y.inside[b]) === 0) {
        i += here[0];
        continue;
      }
      const wz = z.weight[c], wy = y.weight[b];
      const ll = z.low[c] + y.low[b], lh = z.low[c] + y.high[b], hl = z.high[c] + y.low[b], hh = z.high[c] + y.high[b];
      for (let a = 0; a < here[0]; a++, i++) {
        if (x.inside[a] === 0) continue;
        const low = x.low[a], high = x.high[a], wx = x.weight[a];
        const p = values[ll + low] + (values[ll + high] - values[ll + low]) * wx;
        const q = values[lh + low] + (values[lh + high] - values[lh + low]) * wx;
        const r = values[hl + low] + (values[hl + high] - values[hl + low]) * wx;
        const s = values[hh + low] + (values[hh + high] - values[hh + low]) * wx;
        const near = p + (q - p) * wy, far = r + (s - r) * wy;
        plane[i] = near + (far - near) * wz;
      }
    }
    yield plane;
  }
}

/**
 * The positions along an axis there that the voxels `[first, end)` along its axis here lie between.
 *
 * @param k the axis there
 * @param count positions along it
 */
export function positionsThere(
  map: IndexMap,
  k: number,
  [first, end]: readonly [number, number],
  count: number,
): number[] {
  const found = new Set<number>();
  for (let i = first; i < end; i++) {
    const position = map.scale[k] * i + map.offset[k];
    if (!isInside(position, count)) continue;
    for (const one of [Math.floor(position), Math.ceil(position)]) found.add(Math.min(Math.max(one, 0), count - 1));
  }
  return [...found].sort((a, b) => a - b);
}

/** How many voxels here lie outside of the grid there. */
export function countOutside(map: IndexMap, { there, here }: { there: Triple; here: Triple }): number {
  const inside = map.axes.map((axis, k) => {
    let count = 0;
    for (let i = 0; i < here[axis]; i++) {
      const position = map.scale[k] * i + map.offset[k];
      if (isInside(position, there[k])) count++;
    }
    return count;
  });
  return here[0] * here[1] * here[2] - inside[0] * inside[1] * inside[2];
}
