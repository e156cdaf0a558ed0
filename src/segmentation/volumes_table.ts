import { csvCell, markdownTable } from "../inference/results_tables.ts";
import type { SegmentedClass } from "../model/mask_of_classes.ts";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

/** What was found of a class in a case: a row of `volumes.csv`. */
export const classVolumeSchema = z.object({
  label: z.int(),
  name: z.string(),
  voxels: z.int().min(0),
  millilitres: z.number().min(0),
  slices: z.int().min(0),
  disagreement: z.number().nullable(),
});

/** See {@link classVolumeSchema}. */
export type ClassVolume = z.output<typeof classVolumeSchema>;

/** What was found of a class as a row. */
export function volumeOf({ value, name, voxels, millilitres, slices, disagreement }: SegmentedClass): ClassVolume {
  return { label: value, name, voxels, millilitres, slices, disagreement: disagreement ?? null };
}

const COLUMNS = ["label", "name", "voxels", "millilitres", "slices", "disagreement"] as const;

/** `volumes.csv` (docs/file-formats.md, "`volumes.csv`"). */
export function volumesCsv(cases: ReadonlyMap<string, readonly ClassVolume[]>): string {
  const rows = [...cases].flatMap(([id, classes]) =>
    classes.map((one) => [id, ...COLUMNS.map((column) => cellOf(one, column))])
  );
  return [["case", ...COLUMNS], ...rows].map((row) => row.map(csvCell).join(",") + "\n").join("");
}

function cellOf(one: ClassVolume, column: typeof COLUMNS[number]): string | number {
  const value = one[column];
  if (column === "millilitres") return one.millilitres.toFixed(4);
  if (column === "disagreement") return value === null ? "" : Number(value).toFixed(4);
  return value!;
}

/** Classes and cases that a table for people has at most. */
const MOST_CLASSES = 8, MOST_CASES = 60;

/**
 * The volumes in millilitres, a row a case, for people.
 *
 * @param failed cases without
 */
export function volumesMarkdown(
  cases: ReadonlyMap<string, readonly ClassVolume[]>,
  failed: Iterable<string> = [],
): string {
  const names = [...new Set([...cases.values()].flatMap((classes) => classes.map(({ name }) => name)))];
  const shown = names.slice(0, MOST_CLASSES);
  const rows = [...cases].slice(0, MOST_CASES).map(([id, classes]) => [
    id,
    ...shown.map((name) => classes.find((one) => one.name === name)?.millilitres.toFixed(1) ?? ""),
  ]);
  const without = [...failed].map((id) => [id, "failed", ...shown.slice(1).map(() => "")]);
  const more = [
    ...(names.length > shown.length ? [`${names.length - shown.length} more classes`] : []),
    ...(cases.size > rows.length ? [`${cases.size - rows.length} more cases`] : []),
  ];
  const table = markdownTable([["case", ...shown.map((name) => `${name}, ml`)], ...rows, ...without]);
  return more.length > 0 ? `${table}\n\n${more.join(" and ")} in volumes.csv` : table;
}

/**
 * What an artifact of the stage `segment` holds of its cases: `volumes_<id>.json` each.
 *
 * @param ids its cases; those whose files are there unless given
 */
export async function readVolumes(dir: string, ids?: readonly string[]): Promise<Map<string, ClassVolume[]>> {
  const names = ids ?? (await readdir(dir)).sort().flatMap((name) => /^volumes_(.+)\.json$/.exec(name)?.[1] ?? []);
  const found = new Map<string, ClassVolume[]>();
  for (const id of names) {
    const text = await readFile(join(dir, `volumes_${id}.json`), "utf8");
    found.set(id, classVolumeSchema.array().parse(JSON.parse(text)));
  }
  return found;
}
