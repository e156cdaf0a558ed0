import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import process from "node:process";
import { createGunzip } from "node:zlib";
import { z } from "zod";
import { remove, rename, writeFile } from "../disk.ts";

/** sha256 of a text. */
export function hashText(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/**
 * JSON with sorted keys, so that equal values give equal texts.
 *
 * @param replace what stands for a value
 */
export function canonicalJson(value: unknown, replace: (value: unknown) => unknown = (item) => item): string {
  return JSON.stringify(value, (_, item) => {
    const shown = replace(item);
    return shown && typeof shown === "object" && !Array.isArray(shown)
      ? Object.fromEntries(Object.entries(shown).sort(([a], [b]) => a < b ? -1 : 1))
      : shown;
  });
}

/** sha256 of a file's bytes. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest("hex");
}

/** sha256 of a file's content: of gzip the uncompressed bytes, since the same content can be packed in many ways. */
export async function hashContent(path: string): Promise<string> {
  if (!path.endsWith(".gz")) return await hashFile(path);
  const hash = createHash("sha256");
  try {
    for await (const chunk of createReadStream(path).pipe(createGunzip({ chunkSize: 2 ** 20 }))) hash.update(chunk);
  } catch {
    return await hashFile(path); // not gzip after all, or damaged: whoever reads it will say so
  }
  return hash.digest("hex");
}

const rememberedSchema = z.record(
  z.string(),
  z.object({ stamp: z.string(), digest: z.string().regex(/^[0-9a-f]{64}$/) }),
);

type Remembered = z.output<typeof rememberedSchema>;

/** What was remembered; nothing where that is damaged. */
async function readRemembered(path: string): Promise<Remembered> {
  try {
    return rememberedSchema.parse(JSON.parse(await readFile(path, "utf8")));
  } catch {
    return {};
  }
}

/** Digests of raw inputs, remembered by path, size, time and inode in `WORK/.digests.json`; deleting it only costs time. */
export class DigestMemory {
  readonly #file: string;
  #known: Remembered | undefined;
  #changed = false;

  /** @param work the working directory */
  constructor(work: string) {
    this.#file = join(work, ".digests.json");
  }

  /**
   * sha256 of a raw file's content, or of the names and contents of all files in a folder; `verify` hashes again whatever is
   * remembered.
   */
  async digest(path: string, verify: boolean): Promise<string> {
    if ((await stat(path)).isDirectory()) {
      const names = (await readdir(path)).filter((name) => !name.startsWith(".")).sort();
      const lines: string[] = [];
      for (const name of names) lines.push(`${name} ${await this.digest(join(path, name), verify)}`);
      return hashText(lines.join("\n"));
    }
    this.#known ??= await readRemembered(this.#file);
    const { size, mtimeMs, ino } = await stat(path);
    const stamp = `${size} ${mtimeMs} ${ino}`;
    const key = resolve(path);
    const known = Object.hasOwn(this.#known, key) ? this.#known[key] : undefined;
    if (known?.stamp === stamp && !verify) return known.digest;
    const digest = await hashContent(path);
    this.#known[key] = { stamp, digest };
    this.#changed = true;
    return digest;
  }

  /** Writes what is new, if there is a folder that can be written to: without it, only time is lost. */
  async save(): Promise<void> {
    if (!this.#changed) return;
    const partial = `${this.#file}.${process.pid}`;
    try {
      await writeFile(partial, JSON.stringify(this.#known));
      await rename(partial, this.#file);
      this.#changed = false;
    } catch {
      await remove(partial).catch(() => {});
    }
  }
}
