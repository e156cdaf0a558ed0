import type { Triple, VoxelArray } from "./volume.ts";

/** Voxels of one value in a row. */
interface Run {
  first: number;
  end: number;
  value: number;
}

/**
 * Clears all but the largest component of every value other than 0, in place. Voxels that share a face belong together; of
 * components of one size the one with the first voxel stays.
 *
 * @param data x fastest
 */
export function keepLargestComponents(data: VoxelArray, [nx, ny, nz]: Triple): void {
  const runs: Run[] = [];
  const parent: number[] = [];
  const rootOf = (run: number): number => {
    while (parent[run] !== run) run = parent[run] = parent[parent[run]];
    return run;
  };
  const join = (a: number, b: number) => {
    const [first, second] = [rootOf(a), rootOf(b)];
    parent[Math.max(first, second)] = Math.min(first, second); // a root is the component's first run
  };
  const starts = new Int32Array(ny * nz + 1); // of the runs of every row
  for (let row = 0; row < ny * nz; row++) {
    starts[row] = runs.length;
    for (let x = 0, base = row * nx; x < nx;) {
      const value = data[base + x], first = x;
      while (x < nx && data[base + x] === value) x++; // labels come in runs
      if (value === 0) continue;
      parent.push(runs.length);
      runs.push({ first, end: x, value });
    }
    starts[row + 1] = runs.length;
    for (const [neighbour, isThere] of [[row - 1, row % ny > 0], [row - ny, row >= ny]] as const) {
      if (isThere) joinRows(runs, [starts[neighbour], starts[neighbour + 1]], [starts[row], starts[row + 1]], join);
    }
  }
  const sizes = new Map<number, number>();
  for (const [i, { first, end }] of runs.entries()) sizes.set(rootOf(i), (sizes.get(rootOf(i)) ?? 0) + end - first);
  const largest = new Map<number, number>(); // root by value
  for (const [root, size] of [...sizes].sort(([a], [b]) => a - b)) {
    const { value } = runs[root];
    if (size > (sizes.get(largest.get(value)!) ?? 0)) largest.set(value, root);
  }
  for (let row = 0; row < ny * nz; row++) {
    for (let i = starts[row]; i < starts[row + 1]; i++) {
      const { first, end, value } = runs[i];
      if (rootOf(i) !== largest.get(value)) data.fill(0, row * nx + first, row * nx + end);
    }
  }
}

/** Joins the runs of two neighbouring rows that touch and have one value. */
function joinRows(
  runs: readonly Run[],
  [a, endA]: [number, number],
  [b, endB]: [number, number],
  join: (a: number, b: number) => void,
): void {
  while (a < endA && b < endB) {
    if (runs[a].value === runs[b].value && runs[a].first < runs[b].end && runs[b].first < runs[a].end) join(a, b);
    if (runs[a].end < runs[b].end) a++;
    else b++;
  }
}
