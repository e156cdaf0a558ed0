import { readdirSync, readFileSync } from "node:fs";
import { open, readdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { dirname } from "node:path";
import { type DiskOperation, watchDisk } from "../disk.ts";

/**
 * How a disk fails: `kill` ends the process before an operation, `torn` in the middle of it where it writes, `fail` lets one
 * operation fail and goes on, `power` ends the process and loses what was not waited for.
 */
export type Failure = "kill" | "torn" | "fail" | "power";

/** What an operation throws that a killed process does not come to. */
export class Killed extends Error {
  /** Says nothing of a message: nobody is there to read it. */
  constructor() {
    super("killed");
  }
}

/** An error of the system's, with its code. */
export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: from the test's disk`), { code });
}

/** A disk whose n-th operation fails. Everything outside of `root` is left alone. */
export class CrashingDisk implements Disposable {
  /** Operations so far. */
  operations = 0;
  readonly #ends: Disposable;
  /** Files and folders as they were when they were last waited for, by path. */
  readonly #synced = new Map<string, string>();
  /** Renames that nobody waited for yet. */
  #renames: { from: string; path: string }[] = [];

  /**
   * @param root where files are looked after
   * @param at number of the operation that fails, from 1; none unless given
   */
  constructor(readonly root: string, readonly failure: Failure, readonly at = Infinity) {
    if (failure === "power") { // what is there long since is on the disk
      for (const path of filesBelowSync(root)) this.#synced.set(path, stampOf(readFileSync(path)));
    }
    this.#ends = watchDisk((operation) => this.#look(operation));
  }

  /** Ends it. */
  [Symbol.dispose](): void {
    this.#ends[Symbol.dispose]();
  }

  async #look(operation: DiskOperation): Promise<void> {
    const number = ++this.operations;
    if (number < this.at || number > this.at && this.failure === "fail") return await this.#note(operation);
    if (this.failure === "fail") throw systemError("EIO");
    if (number === this.at) {
      const { kind, path, bytes } = operation;
      if (this.failure === "torn" && kind === "write") await writeFile(path, bytes!.subarray(0, bytes!.length >> 1));
      if (this.failure === "power") await this.#losePower();
    }
    throw new Killed();
  }

  /** Remembers what is safe: a file with its content, the names in a folder. */
  async #note({ kind, path, from }: DiskOperation): Promise<void> {
    if (kind === "rename") {
      this.#renames.push({ from: from!, path });
      for (const [name, content] of [...this.#synced]) {
        if (name !== from && !name.startsWith(`${from}/`)) continue;
        this.#synced.delete(name);
        this.#synced.set(path + name.slice(from!.length), content);
      }
    }
    if (kind === "link" && this.#synced.has(from!)) this.#synced.set(path, this.#synced.get(from!)!);
    if (kind !== "sync") return;
    if ((await stat(path)).isDirectory()) {
      this.#renames = this.#renames.filter((one) => dirname(one.path) !== path && !one.path.startsWith(`${path}/`));
    } else this.#synced.set(path, stampOf(await readFile(path)));
  }

  /** Takes renames back that were not waited for, the last one first, and leaves zeros in every file that was not. */
  async #losePower(): Promise<void> {
    for (const { from, path } of this.#renames.toReversed()) await rename(path, from).catch(() => {});
    for (const path of await filesBelow(this.root)) {
      const renamed = this.#renames.find(({ from }) => path === from || path.startsWith(`${from}/`));
      const name = renamed ? renamed.path + path.slice(renamed.from.length) : path;
      const bytes = await readFile(path);
      const safe = this.#synced.get(path) ?? this.#synced.get(name);
      if (safe !== stampOf(bytes)) await writeFile(path, bytes.fill(0)); // as long as it was, as file systems leave it
    }
  }
}

/** What bytes are told apart by. */
function stampOf(bytes: Uint8Array): string {
  return `${bytes.length} ${bytes.toString()}`;
}

/** Paths of all files below a folder. */
export async function filesBelow(dir: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) found.push(...await filesBelow(path));
    else found.push(path);
  }
  return found.sort();
}

function filesBelowSync(dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** A disk with room for some bytes below a folder: what does not fit is written in part, and refused. */
export function fullDisk(root: string, quota: number): Disposable {
  return watchDisk(async ({ kind, path, bytes }) => {
    if (kind !== "write") return;
    let used = 0;
    for (const one of await filesBelow(root)) used += (await stat(one)).size;
    const room = Math.max(0, quota - used);
    if (bytes!.length <= room) return;
    const file = await open(path, "a");
    await file.write(bytes!.subarray(0, room));
    await file.close();
    throw systemError("ENOSPC");
  });
}
