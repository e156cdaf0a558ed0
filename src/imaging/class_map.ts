import { float64Chunks, type Volume } from "./volume.ts";

/** Slices that show a class, by class name and case id. */
export type ClassMap = Record<string, Record<string, number[]>>;

/** `class`: voxels of the class; `label-sum`: the published count, the sum of all label values of a slice with the class. */
export type ClassMapRule = "class" | "label-sum";

/** Voxels of every class in every slice of a label volume. */
export interface ClassCounts {
  /** Voxels by slice and class, `[slices, classes]`. */
  voxels: Uint32Array;
  /** Sum of all label values by slice. */
  sums: Float64Array;
  /** Number of classes. */
  classes: number;
}

/**
 * Counts the voxels of every class in every slice.
 *
 * @param classes number of classes, whose label values are 0 and up; other values count in the sums alone
 */
export function countClasses({ data, size: [nx, ny, nz] }: Volume, classes: number): ClassCounts {
  const voxels = new Uint32Array(nz * classes), sums = new Float64Array(nz);
  for (let z = 0; z < nz; z++) {
    let total = 0;
    for (const [chunk] of float64Chunks(data.subarray(z * nx * ny, (z + 1) * nx * ny))) {
      for (let i = 0; i < chunk.length; i++) {
        const label = chunk[i] | 0;
        total += chunk[i];
        if (label === chunk[i] && label >= 0 && label < classes) voxels[z * classes + label]++;
      }
    }
    sums[z] = total;
  }
  return { voxels, sums, classes };
}

/**
 * Lists the slices in which a class has at least `minPixels` voxels (docs/reference/preprocessing.md, 7).
 *
 * @param counts of the label volumes by case id
 * @param names class names by label value
 */
export function classMap(
  counts: ReadonlyMap<string, ClassCounts>,
  names: readonly string[],
  minPixels: number,
  rule: ClassMapRule = "class",
): ClassMap {
  const result: ClassMap = Object.fromEntries(names.map((name) => [name, {}]));
  for (const id of [...counts.keys()].sort(byNumber)) {
    const { voxels, sums, classes } = counts.get(id)!;
    for (const [label, name] of names.entries()) {
      const slices: number[] = result[name][id] = [];
      for (const [z, sum] of sums.entries()) {
        const count = voxels[z * classes + label];
        if (count > 0 && (rule === "class" ? count : sum) >= minPixels) slices.push(z);
      }
    }
  }
  return result;
}

/** Order of case ids: numbers by value, other names as text. */
export function byNumber(a: string, b: string): number {
  const x = Number(a), y = Number(b);
  return Number.isNaN(x) || Number.isNaN(y) ? (a < b ? -1 : a > b ? 1 : 0) : x - y;
}
