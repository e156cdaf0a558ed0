import type { Triple } from "./volume.ts";

/** Distances between the surfaces of two masks in mm, `null` where one of the masks is empty. */
export interface SurfaceDistances {
  /** 95 % Hausdorff distance. */
  hd95Mm: number | null;
  /** Average symmetric surface distance. */
  assdMm: number | null;
}

/** A box of voxels, x fastest. */
interface Grid {
  size: Triple;
  spacing: Triple;
}

/**
 * 95 % Hausdorff and average symmetric surface distance, by the conventions of the Python package MedPy, which nnU-Net's
 * evaluation used as well:
 *
 * - The surface of a mask are its voxels with a face neighbour outside of it; beyond the volume is outside.
 * - Every surface voxel of either mask has a distance: that to the nearest surface voxel of the other, between centres.
 * - `hd95Mm` is the 95th percentile of both sets of distances in one, linear between order statistics. (Others take the
 *   larger of the two sets' percentiles, which differs where one mask has a far outlier.)
 * - `assdMm` is the mean of the two sets' means.
 *
 * @param a mask, `[x + nx·(y + ny·z)]`, anything but 0 is in it
 * @param b mask on the same grid
 * @param grid.size voxels along x, y, z
 * @param grid.spacing mm along x, y, z
 */
export function surfaceDistances(a: ArrayLike<number>, b: ArrayLike<number>, grid: Grid): SurfaceDistances {
  const boxA = boundingBox(a, grid.size), boxB = boundingBox(b, grid.size);
  if (!boxA || !boxB) return { hd95Mm: null, assdMm: null };
  // nothing outside of the masks' common box matters: a tenth of the work for an organ
  const low = boxA.low.map((first, axis) => Math.min(first, boxB.low[axis])) as Triple;
  const size = boxA.high.map((last, axis) => Math.max(last, boxB.high[axis]) - low[axis] + 1) as Triple;
  const box: Grid = { size, spacing: grid.spacing };
  const surfaceOf = (mask: ArrayLike<number>) => surface(crop(mask, grid.size, { low, size }), size);
  const surfaceA = surfaceOf(a), surfaceB = surfaceOf(b);
  const fromA = distancesAt(surfaceA, squaredDistances(surfaceB, surfaceA, box));
  const fromB = distancesAt(surfaceB, squaredDistances(surfaceA, surfaceB, box));
  const all = new Float64Array(fromA.length + fromB.length);
  all.set(fromA);
  all.set(fromB, fromA.length);
  return { hd95Mm: percentile(all.sort(), 0.95), assdMm: (mean(fromA) + mean(fromB)) / 2 };
}

function boundingBox(mask: ArrayLike<number>, [nx, ny, nz]: Triple): { low: Triple; high: Triple } | undefined {
  const low: Triple = [nx, ny, nz], high: Triple = [-1, -1, -1];
  for (let z = 0, i = 0; z < nz; z++) {
    for (let y = 0; y < ny; y++) {
      for (let x = 0; x < nx; x++, i++) {
        if (mask[i] === 0) continue;
        if (x < low[0]) low[0] = x;
        if (x > high[0]) high[0] = x;
        if (y < low[1]) low[1] = y;
        if (y > high[1]) high[1] = y;
        if (z < low[2]) low[2] = z;
        high[2] = z;
      }
    }
  }
  return high[0] < 0 ? undefined : { low, high };
}

function crop(mask: ArrayLike<number>, [nx, ny]: Triple, { low, size }: { low: Triple; size: Triple }): Uint8Array {
  const result = new Uint8Array(size[0] * size[1] * size[2]);
  for (let z = 0, i = 0; z < size[2]; z++) {
    for (let y = 0; y < size[1]; y++) {
      const row = low[0] + nx * (low[1] + y + ny * (low[2] + z));
      for (let x = 0; x < size[0]; x++, i++) result[i] = Number(mask[row + x] !== 0);
    }
  }
  return result;
}

/** 1 for voxels of a mask with a face neighbour outside of it. */
function surface(mask: Uint8Array, [nx, ny, nz]: Triple): Uint8Array {
  const result = new Uint8Array(mask.length);
  for (let z = 0, i = 0; z < nz; z++) {
    for (let y = 0; y < ny; y++) {
      for (let x = 0; x < nx; x++, i++) {
        if (mask[i] === 0) continue;
        const inside = x > 0 && x < nx - 1 && y > 0 && y < ny - 1 && z > 0 && z < nz - 1 &&
          mask[i - 1] !== 0 && mask[i + 1] !== 0 && mask[i - nx] !== 0 && mask[i + nx] !== 0 &&
          mask[i - nx * ny] !== 0 && mask[i + nx * ny] !== 0;
        result[i] = Number(!inside);
      }
    }
  }
  return result;
}

/**
 * Squared Euclidean distance of every voxel to the nearest one that is set, in mm², exact: one lower envelope of parabolas a
 * line, axis by axis (Felzenszwalb and Huttenlocher, "Distance transforms of sampled functions", 2012).
 *
 * @param at where the result is needed; lines along z without such a voxel are left unfinished
 */
function squaredDistances(set: Uint8Array, at: Uint8Array, { size: [nx, ny, nz], spacing }: Grid): Float64Array {
  const squares = new Float64Array(set.length);
  for (let first = 0; first < set.length; first += nx) {
    nearestInRow(set, squares, { first, count: nx, spacing: spacing[0] });
  }
  const line = new LowerEnvelope(Math.max(ny, nz));
  for (let z = 0; z < nz; z++) {
    for (let x = 0; x < nx; x++) line.transform(squares, x + z * nx * ny, [ny, nx, spacing[1]]);
  }
  const area = nx * ny, needed = new Uint8Array(area);
  for (let i = 0, column = 0; i < at.length; i++, column = column + 1 === area ? 0 : column + 1) {
    needed[column] |= at[i];
  }
  for (let column = 0; column < area; column++) {
    if (needed[column] !== 0) line.transform(squares, column, [nz, area, spacing[2]]);
  }
  return squares;
}

/** The first axis has voxels that are set or not, so that two sweeps do. */
function nearestInRow(
  set: Uint8Array,
  squares: Float64Array,
  { first, count, spacing }: { first: number; count: number; spacing: number },
): void {
  for (let i = first, steps = Infinity; i < first + count; i++) {
    steps = set[i] !== 0 ? 0 : steps + 1;
    squares[i] = steps;
  }
  for (let i = first + count - 1, steps = Infinity; i >= first; i--) {
    steps = set[i] !== 0 ? 0 : steps + 1;
    squares[i] = (Math.min(squares[i], steps) * spacing) ** 2;
  }
}

/** The one-dimensional step: `y[p] = min over q of (p − q)² · spacing² + f[q]`, in place. */
class LowerEnvelope {
  readonly #values: Float64Array;
  /** Where each parabola of the envelope has its lowest point. */
  readonly #vertices: Int32Array;
  /** From where on each is the lowest. */
  readonly #starts: Float64Array;

  constructor(length: number) {
    this.#values = new Float64Array(length);
    this.#vertices = new Int32Array(length);
    this.#starts = new Float64Array(length + 1);
  }

  transform(data: Float64Array, first: number, [count, stride, spacing]: readonly [number, number, number]): void {
    const values = this.#values, vertices = this.#vertices, starts = this.#starts;
    const weight = spacing * spacing;
    let last = -1;
    for (let q = 0; q < count; q++) {
      const value = values[q] = data[first + q * stride];
      if (value === Infinity) continue;
      let start = -Infinity;
      while (last >= 0) {
        const v = vertices[last];
        start = (value - values[v]) / (2 * weight * (q - v)) + (q + v) / 2;
        if (start > starts[last]) break;
        last--;
        start = -Infinity;
      }
      vertices[++last] = q;
      starts[last] = start;
    }
    if (last < 0) return; // nothing set on this line yet
    starts[last + 1] = Infinity;
    for (let p = 0, k = 0; p < count; p++) {
      while (starts[k + 1] < p) k++;
      const v = vertices[k];
      data[first + p * stride] = (p - v) * (p - v) * weight + values[v];
    }
  }
}

function distancesAt(surface: Uint8Array, squares: Float64Array): Float64Array {
  let count = 0;
  for (let i = 0; i < surface.length; i++) count += surface[i];
  const found = new Float64Array(count);
  for (let i = 0, n = 0; i < surface.length; i++) if (surface[i] !== 0) found[n++] = Math.sqrt(squares[i]);
  return found;
}

function mean(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
}

/** Linear between order statistics, as NumPy's default. */
function percentile(sorted: Float64Array, share: number): number {
  const position = share * (sorted.length - 1), base = Math.floor(position);
  const next = sorted[Math.min(base + 1, sorted.length - 1)];
  return sorted[base] + (next - sorted[base]) * (position - base);
}
