import { cp, readdir, readFile, readlink, stat, symlink } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import process from "node:process";
import { makeFolder, openOrMake, remove, rename, syncFile, syncFolder, writeFile } from "../disk.ts";
import { hashContent, hashFile } from "./digest.ts";
import { takeLease } from "./lease.ts";
import { MANIFEST, type Manifest, type ManifestFile } from "./manifest.ts";

export { type Manifest, type ManifestFile, manifestsOf, readManifest } from "./manifest.ts";

/**
 * Turns the folder of {@link beginArtifact} into the artifact `DIR`: describes and flushes its files and their names, then
 * renames it. An artifact appears whole or not at all, whatever becomes of the process or of the power.
 *
 * @param options.partial that folder; `DIR.partial` unless given
 * @param options.known files that are described and flushed already, by path
 */
export async function finishArtifact(
  dir: string,
  about: Omit<Manifest, "files" | "endTime">,
  { partial = `${dir}.partial`, known = new Map() }: {
    partial?: string;
    known?: ReadonlyMap<string, ManifestFile>;
  } = {},
): Promise<Manifest> {
  await remove(join(partial, FORCED));
  const files: ManifestFile[] = [];
  for (const path of await listFiles(partial)) {
    const full = join(partial, path);
    const file = known.get(path);
    if (file) {
      files.push(file);
      continue;
    }
    await syncFile(full);
    const sha256 = await hashFile(full);
    const content = path.endsWith(".gz") ? await hashContent(full) : sha256;
    files.push({ path, bytes: (await stat(full)).size, sha256, content });
  }
  const manifest: Manifest = { ...about, files, endTime: new Date().toISOString() };
  const path = join(partial, MANIFEST);
  await writeFile(path, JSON.stringify(manifest, undefined, 1) + "\n");
  await syncFile(path);
  for (const folder of new Set([...files.map((file) => dirname(join(partial, file.path))), partial])) {
    await syncFolder(folder);
  }
  const isOwn = partial === `${dir}.partial` || await readlink(`${dir}.partial`).catch(() => "") === basename(partial);
  if (!isOwn) throw new Error(`Cannot finish "${dir}": another process has taken it over`);
  await remove(`${dir}.old`);
  if (await stat(dir).then(() => true, () => false)) await rename(dir, `${dir}.old`); // a forced run replaces the artifact
  await rename(partial, dir);
  if (partial !== `${dir}.partial`) await remove(`${dir}.partial`); // what stands for it
  await syncFolder(dirname(dir));
  await remove(`${dir}.old`);
  return manifest;
}

/** Marks a partial artifact that a forced run began, so that the same command resumes it after a kill. */
const FORCED = ".forced";

/**
 * Prepares `DIR.partial`. Where a lease stands for a lock, `DIR.partial` is a link to a folder of this holder's own: one that
 * slept longer than its lease finds its folder gone, and can neither finish it nor spoil the next one's.
 *
 * @param options.resume keeps what an earlier run left there
 * @param options.forced clears it all the same, but only once
 * @returns the folder
 */
export async function beginArtifact(
  dir: string,
  { resume, forced }: { resume: boolean; forced: boolean },
): Promise<string> {
  const name = `${dir}.partial`;
  const marked = await stat(join(name, FORCED)).then(() => true, () => false);
  const keeps = resume && (!forced || marked);
  const isLeased = await stat(leasePath(dir)).then(() => true, () => false);
  const partial = isLeased ? await ownFolder(dir, keeps) : name;
  if (!isLeased && !keeps) await remove(partial);
  await makeFolder(partial);
  if (forced) await writeFile(join(partial, FORCED), "");
  return partial;
}

/** A new folder that `DIR.partial` is a link to, with a copy of what an earlier holder left, if that is kept. */
async function ownFolder(dir: string, keeps: boolean): Promise<string> {
  const name = `${dir}.partial`, id = crypto.randomUUID().slice(0, 8);
  const own = `${dir}.${id}.partial`, aside = `${dir}.${id}.old`;
  const left = await readlink(name).then((target) => join(dir, "..", target), () => name);
  await rename(left, aside).catch(() => {}); // its holder, if it still lives, has no folder from now on
  // a copy, since that one may have files of it open
  if (keeps && await stat(aside).catch(() => undefined)) await cp(aside, own, { recursive: true });
  else await makeFolder(own);
  await symlink(basename(own), `${own}.link`);
  await rename(`${own}.link`, name);
  await remove(aside);
  return own;
}

/** The unfinished artifact that {@link beginArtifact} would keep, if there is one. */
export async function partialToResume(dir: string, forced: boolean): Promise<string | undefined> {
  const partial = `${dir}.partial`;
  return await stat(forced ? join(partial, FORCED) : partial).then(() => partial, () => undefined);
}

/** All files below a folder but its manifest, sorted. */
async function listFiles(root: string, dir = root): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) found.push(...await listFiles(root, path));
    else if (relative(root, path) !== MANIFEST) found.push(relative(root, path));
  }
  return found.sort();
}

/** A lock on an artifact, held until disposed or until the process dies. */
export interface ArtifactLock extends AsyncDisposable {
  /** The file that is locked. */
  path: string;
  /** Whether somebody else holds it now, since this process was not heard of for too long. */
  isLost(): Promise<boolean>;
}

/**
 * Locks an artifact against other processes; with `DFDT_LOCK=lease`, or where the file system has no locks, by a lease. The file that is locked is there only as long as somebody holds or waits for it.
 *
 * @param onWait is told who holds it; may throw instead of waiting
 */
export async function lockArtifact(dir: string, onWait: (holder: string) => void): Promise<ArtifactLock> {
  await makeFolder(dirname(dir));
  if (process.env.DFDT_LOCK === "lease") return await leaseArtifact(dir, onWait);
  const path = `${dir}.lock`;
  for (;;) {
    const file = await openOrMake(path, "lock");
    try {
      const isFree = await file.tryLock(true).catch((error) => {
        if (NO_LOCKS.includes(error?.code)) return undefined;
        throw error;
      });
      if (isFree === undefined) {
        file.close();
        await remove(path);
        return await leaseArtifact(dir, onWait);
      }
      if (!isFree) {
        const holder = await readFile(path, "utf8").catch(() => "");
        onWait(holder ? `process ${holder}` : "another process");
        await file.lock(true);
      }
      // whoever held it has removed the file: what is locked now nobody else will find
      if (!await isSameFile(file, path)) {
        file.close();
        continue;
      }
      await file.truncate(0);
      await file.seek(0, Deno.SeekMode.Start);
      await file.write(new TextEncoder().encode(String(Deno.pid)));
    } catch (error) {
      file.close();
      throw error;
    }
    return {
      path,
      isLost: () => Promise.resolve(false),
      async [Symbol.asyncDispose]() {
        try {
          await remove(path);
        } finally { // what cannot be removed must not be held all the same
          await file.unlock();
          file.close();
        }
      },
    };
  }
}

/** What a file system says that has no locks. */
const NO_LOCKS: readonly unknown[] = ["ENOLCK", "ENOSYS", "ENOTSUP", "EOPNOTSUPP"];

async function leaseArtifact(dir: string, onWait: (holder: string) => void): Promise<ArtifactLock> {
  const path = leasePath(dir);
  const lease = await takeLease(path, onWait);
  return { path, isLost: () => lease.isLost(), [Symbol.asyncDispose]: () => lease.release() };
}

function leasePath(dir: string): string {
  return `${dir}.lease`;
}

/** The same where nobody holds it; `undefined` where somebody does. */
export async function tryLockArtifact(dir: string): Promise<ArtifactLock | undefined> {
  try {
    return await lockArtifact(dir, (holder) => {
      throw new Held(holder);
    });
  } catch (error) {
    if (error instanceof Held) return undefined;
    throw error;
  }
}

class Held extends Error {}

async function isSameFile(file: Deno.FsFile, path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.ino === (await file.stat()).ino;
}
