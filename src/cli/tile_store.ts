import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { TileStore } from "../gpu/mod.ts";

/** The file's own version: what an older build wrote is measured again. */
const VERSION = 1;

interface Contents {
  version: number;
  adapters: Record<string, Record<string, string>>;
}

/**
 * The user's cache directory of this program: measured tiles lie in it, nothing that a run depends on.
 *
 * @param env variables of the process; the system's own rules count where they do not say
 */
export function cacheDirectory(env: Readonly<Record<string, string | undefined>>, system: string): string {
  if (env.XDG_CACHE_HOME) return join(env.XDG_CACHE_HOME, "dfdt");
  if (system === "windows" && env.LOCALAPPDATA) return join(env.LOCALAPPDATA, "dfdt", "cache");
  return join(homedir(), system === "darwin" ? join("Library", "Caches") : ".cache", "dfdt");
}

/**
 * Keeps measured tiles in `tiles.json` of a directory. Where the file cannot be read or written, tiles are measured again by the
 * next process: they change how long a run takes and nothing else.
 */
export function tileStoreIn(directory: string): TileStore {
  const file = join(directory, "tiles.json");
  const read = async (): Promise<Contents> => {
    const empty = { version: VERSION, adapters: {} };
    const found = await readFile(file, "utf8").then(JSON.parse).catch(() => empty);
    return found?.version === VERSION && typeof found.adapters === "object" ? found : empty;
  };
  return {
    load: async (adapter) => (await read()).adapters[adapter] ?? {},
    clock: () => performance.now(),
    async save(adapter, measured) {
      const { version, adapters } = await read(); // another process may have measured meanwhile
      const contents = { version, adapters: { ...adapters, [adapter]: { ...adapters[adapter], ...measured } } };
      try {
        await mkdir(directory, { recursive: true });
        const partial = `${file}.${process.pid}`;
        await writeFile(partial, JSON.stringify(contents, undefined, 1) + "\n");
        await rename(partial, file);
      } catch {
        return; // a read-only home
      }
    },
  };
}
