import type { Volume } from "./volume.ts";

/**
 * The 13 edge kinds (dz, dy, dx), in the order in which equal costs are visited (docs/reference/preprocessing.md, 8,
 * step 3).
 */
export const EDGE_KINDS: readonly (readonly [dz: number, dy: number, dx: number])[] = [
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

/** An edge in 32 bits: 16 times its first voxel plus its kind. */
export const MAX_VOXELS = 2 ** 28;

/**
 * Factor of an edge kind on the difference of its voxels; `ratio` = slice spacing / x spacing
 * (docs/reference/preprocessing.md, 8, step 2).
 */
export function edgeFactor([dz, dy, dx]: readonly [number, number, number], ratio: number): number {
  const inPlane = Math.abs(dy) + Math.abs(dx);
  return dz === 0 ? 1 : Math.sqrt((inPlane + ratio * ratio) / (inPlane + 1));
}

/** Which edges are visited. */
export interface Visit {
  /** Costs at or above it are left out. */
  below: number;
  /**
   * Writes the region of every voxel: an edge within a region is left out, and one between two negative regions. Both must be
   * for good: what is left out once may be left out ever after.
   */
  regions(into: Int32Array): void;
  /** Takes edges in ascending order of cost, equal ones by kind, then in raster order; `ids` as in {@link MAX_VOXELS}. */
  edges(ids: Uint32Array, costs: Float64Array, count: number): void;
}

/** Room for edges that are sorted together: costs and ids, and as much again to sort into. */
interface Band {
  costs: Float64Array<ArrayBuffer>;
  ids: Uint32Array<ArrayBuffer>;
}

/**
 * The edges of the 26-connected grid in ascending order of cost, without ever holding them all: bands of costs are computed
 * anew from the voxels, with what the regions leave of them, and sorted by themselves. A volume of 10 million voxels has 126
 * million edges, 1.5 GB as costs and ids; a band is a quarter of a gigabyte, and most edges lie within a region before their
 * band comes.
 */
export class GridEdges {
  readonly #values: Float64Array;
  readonly #size: Volume["size"];
  readonly #factors: readonly number[];
  readonly #steps: readonly number[];
  readonly #regions: Int32Array;
  readonly #bins = new Uint32Array(BINS);
  #capacity: number;
  #band: Band;
  #other: Band;

  /**
   * @param values of the voxels
   * @param volume whose size and spacing they have
   * @param bandEdges edges of a band, a matter of memory (24 bytes each) and time alone; more where that many costs are alike
   */
  constructor(
    values: Float64Array,
    { size, spacing }: Pick<Volume, "size" | "spacing">,
    bandEdges: number = Math.max(values.length, SMALL_BAND),
  ) {
    this.#values = values;
    this.#size = size;
    this.#factors = EDGE_KINDS.map((kind) => edgeFactor(kind, spacing[2] / spacing[0]));
    this.#steps = edgeSteps(size);
    this.#regions = new Int32Array(values.length);
    this.#capacity = Math.min(bandEdges, EDGE_KINDS.length * values.length);
    [this.#band, this.#other] = [makeBand(this.#capacity), makeBand(this.#capacity)];
  }

  /** Visits all edges of a cost above 0. */
  visit({ below, regions, edges }: Visit): void {
    for (let low = Number.MIN_VALUE; low < below;) {
      regions(this.#regions);
      const { high, count } = this.#nextBand(low, below);
      if (count === 0) return;
      if (count > this.#capacity) { // one bin alone, as in integer volumes
        this.#capacity = count;
        [this.#band, this.#other] = [makeBand(count), makeBand(count)];
      }
      this.#collect(low, high);
      this.#sort(count);
      edges(this.#band.ids, this.#band.costs, count);
      low = high;
    }
  }

  /** Calls `join` for all edges of cost 0, whose order does not matter. */
  visitZero(join: (a: number, b: number) => void): void {
    const values = this.#values;
    this.#rows((kind, first, end) => {
      const step = this.#steps[kind], factor = this.#factors[kind];
      for (let i = first; i < end; i++) {
        if (factor * Math.abs(values[i + step] - values[i]) === 0) join(i, i + step);
      }
    });
  }

  /** Calls `row` for the first voxels of all edges, one row of one kind at a time, in the order of equal costs. */
  #rows(row: (kind: number, first: number, end: number) => void): void {
    const [nx, ny, nz] = this.#size;
    for (const [kind, [dz, dy, dx]] of EDGE_KINDS.entries()) {
      for (let z = 0; z < nz - dz; z++) {
        for (let y = Math.max(0, -dy); y < ny - Math.max(0, dy); y++) {
          const start = (z * ny + y) * nx;
          row(kind, start + Math.max(0, -dx), start + nx - Math.max(0, dx));
        }
      }
    }
  }

  /** The end of the costs from `low` on that fit into a band, and how many edges that are. */
  #nextBand(low: number, below: number): { high: number; count: number } {
    const bins = this.#bins.fill(0);
    const values = this.#values, regions = this.#regions;
    const words = new Uint32Array(2), cost = new Float64Array(words.buffer);
    this.#rows((kind, first, end) => {
      const step = this.#steps[kind], factor = this.#factors[kind];
      for (let i = first; i < end; i++) {
        const a = regions[i], b = regions[i + step];
        if (a === b || (a & b) < 0) continue;
        const c = factor * Math.abs(values[i + step] - values[i]);
        if (c < low || c >= below) continue;
        cost[0] = c;
        bins[words[1] >>> BIN_SHIFT]++;
      }
    });
    let count = 0;
    for (let bin = 0; bin < BINS; bin++) {
      if (count > 0 && count + bins[bin] > this.#capacity) {
        words[0] = 0;
        words[1] = bin << BIN_SHIFT;
        return { high: cost[0], count };
      }
      count += bins[bin];
    }
    return { high: below, count };
  }

  /** Fills the band with the edges of costs in `[low, high)`. */
  #collect(low: number, high: number): void {
    const values = this.#values, regions = this.#regions;
    const { costs, ids } = this.#band;
    let count = 0;
    this.#rows((kind, first, end) => {
      const step = this.#steps[kind], factor = this.#factors[kind];
      let n = count;
      for (let i = first; i < end; i++) {
        const a = regions[i], b = regions[i + step];
        if (a === b || (a & b) < 0) continue;
        const c = factor * Math.abs(values[i + step] - values[i]);
        if (c < low || c >= high) continue;
        costs[n] = c;
        ids[n++] = i << 4 | kind;
      }
      count = n;
    });
  }

  /**
   * Sorts the first `count` edges of the band by cost, equal ones as they are: a radix sort on the bits of the costs, which for
   * positive numbers ascend as they do. Digits that are equal in the whole band are skipped.
   */
  #sort(count: number): void {
    const all = DIGITS.map(() => new Uint32Array(DIGIT_SIZE));
    const words = new Uint32Array(this.#band.costs.buffer);
    const [d0, d1, d2, d3, d4, d5] = all;
    for (let i = 0; i < 2 * count; i += 2) {
      const low = words[i], high = words[i + 1];
      d0[low & 2047]++;
      d1[low >>> 11 & 2047]++;
      d2[low >>> 22]++;
      d3[high & 2047]++;
      d4[high >>> 11 & 2047]++;
      d5[high >>> 22]++;
    }
    for (const [digit, starts] of all.entries()) {
      let sum = 0;
      let constant = false;
      for (let d = 0; d < DIGIT_SIZE; d++) {
        const n = starts[d];
        if (n === count) constant = true;
        starts[d] = sum;
        sum += n;
      }
      if (constant) continue;
      scatter(this.#band, this.#other, starts, DIGITS[digit], count);
      [this.#band, this.#other] = [this.#other, this.#band];
    }
  }
}

/** Distance from the first voxel of an edge to the second, by kind. */
export function edgeSteps([nx, ny]: Volume["size"]): number[] {
  return EDGE_KINDS.map(([dz, dy, dx]) => (dz * ny + dy) * nx + dx);
}

/** Bins of the leading bits of a cost: exponent and 8 bits of the mantissa. */
const BIN_SHIFT = 12, BINS = 2 ** (32 - BIN_SHIFT - 1);

/** Smaller volumes are sorted in one band. */
const SMALL_BAND = 2 ** 21;

const DIGIT_SIZE = 2048;

/** Digits of 11 bits: which word of a cost, and how far to shift it. */
const DIGITS: readonly (readonly [word: number, shift: number])[] = [[0, 0], [0, 11], [0, 22], [1, 0], [1, 11], [
  1,
  22,
]];

function makeBand(capacity: number): Band {
  return { costs: new Float64Array(capacity), ids: new Uint32Array(capacity) };
}

/** One pass of the radix sort. */
function scatter(
  from: Band,
  to: Band,
  starts: Uint32Array,
  [word, shift]: readonly [word: number, shift: number],
  count: number,
): void {
  const words = new Uint32Array(from.costs.buffer);
  const { costs, ids } = from, { costs: toCosts, ids: toIds } = to;
  for (let i = 0; i < count; i++) {
    const at = starts[words[2 * i + word] >>> shift & 2047]++;
    toCosts[at] = costs[i];
    toIds[at] = ids[i];
  }
}
