import { link as linkFile, mkdir, open, rename as renamePath, rm, writeFile as write } from "node:fs/promises";
import { dirname } from "node:path";

/** Something that is done to the disk, before it is done. */
export interface DiskOperation {
  /** What. */
  kind: "folder" | "write" | "sync" | "rename" | "link" | "remove" | "lock" | "truncate";
  /** To which path; of `rename` and `link` the new one. */
  path: string;
  /** Of `rename` and `link`: the old one. */
  from?: string;
  /** Of `write`: what is written. */
  bytes?: Uint8Array;
}

/** Is told of every operation; the operation is not done where it throws. */
export type DiskWatcher = (operation: DiskOperation) => Promise<void> | void;

let watcher: DiskWatcher | undefined;

/**
 * Has every file operation by which artifacts are made and kept told before it is done, in this thread. Tests let any of them be
 * the last one, or fail (docs/reliability.md, "Kills, full disks and lost power").
 *
 * @returns ends it
 */
export function watchDisk(told: DiskWatcher): Disposable {
  watcher = told;
  return { [Symbol.dispose]: () => watcher = undefined };
}

/** Makes a folder and those above it, as far as they are not there. */
export async function makeFolder(path: string): Promise<void> {
  await watcher?.({ kind: "folder", path });
  await mkdir(path, { recursive: true });
}

/** Writes a file anew, or at its end. */
export async function writeFile(
  path: string,
  content: string | Uint8Array,
  { append = false }: { append?: boolean } = {},
): Promise<void> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  await watcher?.({ kind: "write", path, bytes });
  await write(path, bytes, { flag: append ? "a" : "w" });
}

/** Waits until a file is on the disk. */
export async function syncFile(path: string): Promise<void> {
  await watcher?.({ kind: "sync", path });
  await sync(path, "r+");
}

/** Waits until the names in a folder are on the disk; Windows does not open folders. */
export async function syncFolder(path: string): Promise<void> {
  if (Deno.build.os === "windows") return;
  await watcher?.({ kind: "sync", path });
  await sync(path, "r");
}

async function sync(path: string, flags: "r" | "r+"): Promise<void> {
  const file = await open(path, flags);
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Gives a file or folder another name, at once. */
export async function rename(from: string, path: string): Promise<void> {
  await watcher?.({ kind: "rename", path, from });
  await renamePath(from, path);
}

/**
 * Writes a file that appears whole or not at all, and is on the disk with its name when this ends. A crash leaves `PATH.new` at
 * most; what a full disk has no room for leaves nothing.
 */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const made = unfinished(path);
  try {
    await writeFile(made, content);
    await syncFile(made);
    await rename(made, path);
  } catch (error) {
    await remove(made).catch(() => {}); // why it failed says more than why it is still there
    throw error;
  }
  await syncFolder(dirname(path));
}

/** What {@link writeWhole} writes before the file has its name. */
export function unfinished(path: string): string {
  return `${path}.new`;
}

/** Gives a file a second name. */
export async function link(from: string, path: string): Promise<void> {
  await watcher?.({ kind: "link", path, from });
  await linkFile(from, path);
}

/** Removes a file or a folder with all that is in it, if it is there. */
export async function remove(path: string): Promise<void> {
  await watcher?.({ kind: "remove", path });
  await rm(path, { recursive: true, force: true });
}

/** Opens a file for reading and writing, and makes it where it is not there. */
export async function openOrMake(path: string, kind: "lock" | "truncate"): Promise<Deno.FsFile> {
  await watcher?.({ kind, path });
  return await Deno.open(path, { create: true, read: true, write: true });
}
