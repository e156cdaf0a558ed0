/** Support and query slices of one class in one pair of cases. */
export interface SlicePlan {
  /** Slice of the support case. */
  support: number;
  /** Slices of the query case that it segments. */
  query: number[];
}

/** Parts that a volume is cut into, each with a support slice of its own. */
const PARTS = 3;

/**
 * Positions of the support slices in a list of labelled slices: at 1/6, 1/2 and 5/6 of it
 * (docs/reference/preprocessing.md, 12, step 2). With fewer than three slices positions repeat.
 */
export function supportPositions(count: number): number[] {
  return Array.from({ length: PARTS }, (_, k) => Math.floor((2 * k + 1) * count / (2 * PARTS)));
}

/** Where a list of query slices is cut: chunk k is `[bounds[k], bounds[k + 1])` (test protocol, 3). */
export function chunkBounds(count: number): number[] {
  return Array.from({ length: PARTS + 1 }, (_, k) => Math.floor(k * count / PARTS));
}

/** Which support slice segments which query slices, as published; a chunk may be empty. */
export function slicePlan(supportSlices: readonly number[], querySlices: readonly number[]): SlicePlan[] {
  const positions = supportPositions(supportSlices.length), bounds = chunkBounds(querySlices.length);
  return positions.map((position, k) => ({
    support: supportSlices[position],
    query: querySlices.slice(bounds[k], bounds[k + 1]),
  }));
}

/** Slices in which a label occurs, ascending. */
export function slicesWith(labels: ArrayLike<number>, value: number, area: number): number[] {
  const found: number[] = [];
  for (let z = 0; z < labels.length / area; z++) {
    for (let i = z * area; i < (z + 1) * area; i++) {
      if (labels[i] === value) {
        found.push(z);
        break;
      }
    }
  }
  return found;
}
