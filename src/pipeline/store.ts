import { readdir, readFile, stat } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { makeFolder, openOrMake, remove, rename, syncFile, syncFolder, writeFile } from "../disk.ts";
import { hashContent, hashFile } from "./digest.ts";
import { MANIFEST, type Manifest, type ManifestFile } from "./manifest.ts";

export { type Manifest, type ManifestFile, manifestsOf, readManifest } from "./manifest.ts";

/**
 * Turns `DIR.partial` into the artifact `DIR`: describes and flushes its files and their names, then renames it. An artifact
 * appears whole or not at all, whatever becomes of the process or of the power.
 *
 * @param known files that are described and flushed already, by path
 */
export async function finishArtifact(
  dir: string,
  about: Omit<Manifest, "files" | "endTime">,
  known: ReadonlyMap<string, ManifestFile> = new Map(),
): Promise<Manifest> {
  const partial = `${dir}.partial`;
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
  await remove(`${dir}.old`);
  if (await stat(dir).then(() => true, () => false)) await rename(dir, `${dir}.old`); // a forced run replaces the artifact
  await rename(partial, dir);
  await syncFolder(dirname(dir));
  await remove(`${dir}.old`);
  return manifest;
}

/** Marks a partial artifact that a forced run began, so that the same command resumes it after a kill. */
const FORCED = ".forced";

/**
 * Prepares `DIR.partial`.
 *
 * @param options.resume keeps what an earlier run left there
 * @param options.forced clears it all the same, but only once
 */
export async function beginArtifact(
  dir: string,
  { resume, forced }: { resume: boolean; forced: boolean },
): Promise<string> {
  const partial = `${dir}.partial`;
  const marked = await stat(join(partial, FORCED)).then(() => true, () => false);
  if (!resume || (forced && !marked)) await remove(partial);
  await makeFolder(partial);
  if (forced) await writeFile(join(partial, FORCED), "");
  return partial;
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
}

/**
 * Locks an artifact against other processes. The file that is locked is there only as long as somebody holds or waits for it.
 *
 * @param onWait is told who holds it; may throw instead of waiting
 */
export async function lockArtifact(dir: string, onWait: (holder: string) => void): Promise<ArtifactLock> {
  await makeFolder(dirname(dir));
  const path = `${dir}.lock`;
  for (;;) {
    const file = await openOrMake(path, "lock");
    try {
      if (!await file.tryLock(true)) {
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
