import { readdir, rm, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { readManifest, tryLockArtifact } from "./store.ts";
import { readLastUses } from "./use_memory.ts";

/** Something below a working directory that nobody has needed for a while. */
export interface Garbage {
  /** Its path. */
  path: string;
  /** What it is. */
  kind: "artifact" | "unfinished" | "lock";
  /** Days since it was last read, made or written to. */
  days: number;
  /** Bytes that are free without it. */
  bytes: number;
}

const DAY_MS = 24 * 3600 * 1000;

/**
 * Lists what no run has read or made for some days: artifacts, and what was left unfinished. A training that can still be
 * resumed is unfinished as well. What a process holds is none of it.
 *
 * @param work the working directory
 * @param options.days from how many days on
 * @param options.now the time
 */
export async function findGarbage(work: string, { days, now }: { days: number; now: Date }): Promise<Garbage[]> {
  const uses = await readLastUses(work);
  const found: Garbage[] = [];
  const daysSince = (time: number) => Math.floor((now.getTime() - time) / DAY_MS);
  for (const folder of await artifactFolders(work)) {
    for (const name of await namesIn(folder)) {
      const path = join(folder, name);
      if (name === "cases") continue;
      const kind = kindOf(name);
      if (!kind) continue;
      const used = kind === "artifact" ? uses[relative(work, path)] : undefined;
      const manifest = kind === "artifact" ? await readManifest(path) : undefined;
      const made = manifest ? Date.parse(manifest.endTime) : await newestTime(path);
      // a day counts to its end
      const last = Math.max(made, used === undefined ? 0 : Date.parse(used) + DAY_MS - 1);
      const age = daysSince(last);
      if (age >= days) found.push({ path, kind, days: Math.max(age, 0), bytes: await bytesOf(path) });
    }
  }
  for (const name of await namesIn(work)) { // a process that was killed while it wrote what it remembers
    if (!/^\.(digests|used)\.json\.\d+$/.test(name)) continue;
    const path = join(work, name), age = daysSince(await newestTime(path));
    if (age >= days) found.push({ path, kind: "unfinished", days: Math.max(age, 0), bytes: await bytesOf(path) });
  }
  return found;
}

/** Removes garbage unless a process holds it, or has used it meanwhile; returns whether it is gone. */
export async function removeGarbage({ path, kind }: Garbage): Promise<boolean> {
  const dir = path.replace(/(\.[0-9a-f]{8})?\.(partial|old|lock|lease)$/, "");
  await using lock = await tryLockArtifact(dir);
  if (!lock) return false;
  if (kind !== "lock") await rm(path, { recursive: true, force: true }); // the lock goes with its end
  return true;
}

const KEY = /^[0-9a-f]{24}$/, UNFINISHED = /^[0-9a-f]{24}(\.[0-9a-f]{8})?\.(partial|old)$/;
const LOCK = /^[0-9a-f]{24}\.(lock|lease)$/;

function kindOf(name: string): Garbage["kind"] | undefined {
  return KEY.test(name) ? "artifact" : UNFINISHED.test(name) ? "unfinished" : LOCK.test(name) ? "lock" : undefined;
}

/** The folders of a working directory that hold artifacts: `EXPERIMENT/STAGE` and `EXPERIMENT/STAGE/cases`. */
async function artifactFolders(work: string): Promise<string[]> {
  const found: string[] = [];
  for (const experiment of await foldersIn(work)) {
    for (const stage of await foldersIn(experiment)) found.push(stage, join(stage, "cases"));
  }
  return found;
}

async function foldersIn(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(dir, name)).sort();
}

async function namesIn(dir: string): Promise<string[]> {
  return (await readdir(dir).catch(() => [])).sort();
}

/** Everything below a path, itself included. */
async function* everythingBelow(path: string): AsyncGenerator<string> {
  yield path;
  for (const name of await namesIn(path)) yield* everythingBelow(join(path, name));
}

async function newestTime(path: string): Promise<number> {
  let newest = 0;
  for await (const one of everythingBelow(path)) {
    newest = Math.max(newest, await stat(one).then(({ mtimeMs }) => mtimeMs, () => 0));
  }
  return newest;
}

/** Bytes of the files below a path that nothing else links to. */
async function bytesOf(path: string): Promise<number> {
  let bytes = 0;
  for await (const one of everythingBelow(path)) {
    const found = await stat(one).catch(() => undefined);
    if (found?.isFile() && found.nlink === 1) bytes += found.size;
  }
  return bytes;
}
