import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { classVolumeSchema } from "./volumes_table.ts";

/** A name in the folder itself, or in that of pictures, on every system. */
const FILE_NAME = /^(?:sheets\/)?(?!\.{1,2}$)[^/\\\0]+$/;

const recordSchema = z.object({
  /** Raised when other bytes come out. */
  format: z.literal("dfdt-segmentation/1"),
  /** sha256 of the scan, of a DICOM series that of its files. */
  query: z.string(),
  supports: z.array(z.object({ image: z.string(), label: z.string() })),
  /** sha256 of the model's file. */
  model: z.string(),
  /** Everything else that the files depend on. */
  options: z.record(z.string(), z.unknown()),
  classes: z.array(classVolumeSchema),
  /** sha256 of every file, by its name. */
  files: z.record(z.string().regex(FILE_NAME), z.string()),
  /** Share of the scan's voxels that lie outside of the model's field, and are background. */
  outside: z.number(),
  warnings: z.array(z.string()),
});

/** `OUT/CASE.json`: what a case's files were made of (docs/file-formats.md, "`segment`"). */
export type CaseRecord = z.output<typeof recordSchema>;

/** What a case's files are made of. */
export type CaseOrigin = Pick<CaseRecord, "format" | "query" | "supports" | "model" | "options">;

/** The record of a case; `undefined` where there is none that we wrote. */
export async function readRecord(path: string): Promise<CaseRecord | undefined> {
  try {
    return recordSchema.parse(JSON.parse(await readFile(path, "utf8")));
  } catch {
    return undefined;
  }
}

/** All records of a folder by case, sorted by name. */
export async function recordsIn(dir: string): Promise<Map<string, CaseRecord>> {
  const found = new Map<string, CaseRecord>();
  for (const name of (await readdir(dir)).sort()) {
    const record = name.endsWith(".json") ? await readRecord(join(dir, name)) : undefined;
    if (record) found.set(name.slice(0, -".json".length), record);
  }
  return found;
}

/** What differs between what a case was made of and what it would be made of now, in words; `undefined` if nothing does. */
export function differenceOf(record: CaseOrigin, origin: CaseOrigin): string | undefined {
  const isSame = (key: keyof CaseOrigin) => JSON.stringify(record[key]) === JSON.stringify(origin[key]);
  const words = { format: "version", query: "scan", supports: "support", model: "model", options: "options" } as const;
  const differs = (Object.keys(words) as (keyof CaseOrigin)[]).filter((key) => !isSame(key));
  return differs.length === 0 ? undefined : `other ${differs.map((key) => words[key]).join(", ")}`;
}
