import type { Volume } from "./volume.ts";

/** Slices that show a class, by class name and case id. */
export type ClassMap = Record<string, Record<string, number[]>>;

/** `class`: voxels of the class; `label-sum`: the published count, the sum of all label values of a slice with the class. */
export type ClassMapRule = "class" | "label-sum";

/**
 * Lists the slices in which a class has at least `minPixels` voxels (preprocessing reference, class map).
 *
 * @param labels label volumes by case id
 * @param names class names by label value
 */
export function classMap(
  labels: ReadonlyMap<string, Volume>,
  names: readonly string[],
  minPixels: number,
  rule: ClassMapRule = "class",
): ClassMap {
  const result: ClassMap = Object.fromEntries(names.map((name) => [name, {}]));
  const ids = [...labels.keys()].sort(byNumber);
  for (const id of ids) {
    const { data, size: [nx, ny, nz] } = labels.get(id)!;
    for (const name of names) result[name][id] = [];
    for (let z = 0; z < nz; z++) {
      const counts = new Map<number, number>();
      let total = 0;
      for (let i = z * nx * ny; i < (z + 1) * nx * ny; i++) {
        counts.set(data[i], (counts.get(data[i]) ?? 0) + 1);
        total += data[i];
      }
      for (const [label, name] of names.entries()) {
        const count = counts.get(label) ?? 0;
        const measure = rule === "class" ? count : count > 0 ? total : 0;
        if (count > 0 && measure >= minPixels) result[name][id].push(z);
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
