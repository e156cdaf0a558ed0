import { readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import process from "node:process";
import { z } from "zod";
import { remove, rename, writeFile } from "../disk.ts";
import { lockArtifact } from "./store.ts";

/** The last day on which each artifact was read or made, by its path below the working directory. */
export type LastUses = Record<string, string>;

const FILE = ".used.json";

/** Reads `WORK/.used.json`; nothing where it is not there or damaged. */
export async function readLastUses(work: string): Promise<LastUses> {
  try {
    const found = z.record(z.string(), z.unknown()).parse(JSON.parse(await readFile(join(work, FILE), "utf8")));
    // a day that is none would keep an artifact for ever
    const isDay = (day: unknown) => typeof day === "string" && !Number.isNaN(Date.parse(day));
    return Object.fromEntries(Object.entries(found).filter(([, day]) => isDay(day))) as LastUses;
  } catch {
    return {};
  }
}

/**
 * Writes down that artifacts were read or made today, for `clean`. Where that cannot be written, nothing is said: it decides
 * only what `clean` proposes.
 */
export async function rememberUses(work: string, dirs: Iterable<string>, today: Date): Promise<void> {
  const day = today.toISOString().slice(0, 10);
  const names = [...dirs].map((dir) => relative(work, dir));
  const partial = join(work, `${FILE}.${process.pid}`);
  try {
    const known = await readLastUses(work);
    if (names.every((name) => known[name] === day)) return;
    await using _lock = await lockArtifact(join(work, FILE), () => {});
    const uses = await readLastUses(work); // another process may have written meanwhile
    for (const name of names) if (!(uses[name] > day)) uses[name] = day;
    await writeFile(partial, JSON.stringify(uses, undefined, 1) + "\n");
    await rename(partial, join(work, FILE));
  } catch {
    await remove(partial).catch(() => {});
  }
}
