import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { UserError } from "../errors.ts";
import { gpu, kernelSet, subgroups } from "../gpu/mod.ts";
import { wrongNumbers } from "../nn/adapter_check.ts";
import { DRIVER_FOLDERS } from "./adapter_choice.ts";
import { cacheDirectory } from "./tile_store.ts";
import denoJson from "../../deno.json" with { type: "json" };

/** Adapters that are remembered, the latest. */
const MOST_REMEMBERED = 20;

/**
 * Has the adapter compute what is known, once for every adapter, driver and version of this program, before anything is trained
 * or segmented on it; what passed is kept in `adapters.json` of the user's cache directory.
 *
 * @param options.directory the cache directory
 * @param options.driver what tells one driver from another
 * @param options.check what is wrong, in words
 * @throws {UserError} of kind `adapter` that names an adapter which computes wrong numbers, and the way out
 */
export async function checkAdapter(
  {
    directory = cacheDirectory(process.env, Deno.build.os),
    driver = driverStamp(),
    check = () => wrongNumbers(),
  }: { directory?: string; driver?: string; check?: () => Promise<string | undefined> } = {},
): Promise<void> {
  const { adapterName } = gpu();
  const ways = [kernelSet(), subgroups() === undefined ? "" : "subgroups"].join(" ").trim();
  const key = [adapterName, ways, driver, `Deno ${Deno.version.deno}`, denoJson.version].join("; ");
  const file = join(directory, "adapters.json");
  const passed = await readPassed(file);
  if (passed.includes(key)) return;
  const wrong = await check();
  if (wrong !== undefined) {
    throw new UserError(
      "adapter",
      `Cannot compute on "${adapterName}": ${wrong}. Its driver computes wrong numbers: update it, or choose another ` +
        "adapter by --adapter (./dfdt doctor lists them)",
    );
  }
  try {
    await mkdir(directory, { recursive: true });
    const partial = `${file}.${process.pid}`;
    await writeFile(partial, JSON.stringify([...passed, key].slice(-MOST_REMEMBERED), undefined, 1) + "\n");
    await rename(partial, file);
  } catch {
    return; // a read-only home: it is checked again next time, which takes a second
  }
}

async function readPassed(file: string): Promise<string[]> {
  try {
    const found: unknown = JSON.parse(await readFile(file, "utf8"));
    return Array.isArray(found) ? found.filter((key) => typeof key === "string") : [];
  } catch {
    return [];
  }
}

/** Says of a driver what WebGPU does not: size and time of the files that Vulkan's loader takes it from. */
function driverStamp(): string {
  const chosen = (process.env.VK_DRIVER_FILES || process.env.VK_ICD_FILENAMES)?.split(":");
  const manifests = chosen ??
    DRIVER_FOLDERS.filter(existsSync).flatMap((folder) =>
      readdirSync(folder).filter((name) => name.endsWith(".json")).sort().map((name) => join(folder, name))
    );
  const nvidia = "/proc/driver/nvidia/version";
  return [
    ...manifests.flatMap((path) => [stampOf(path), stampOf(libraryOf(path))]),
    existsSync(nvidia) ? readFileSync(nvidia, "utf8").split("\n")[0] : "",
  ].filter((text) => text !== "").join(" ");
}

function stampOf(path: string): string {
  try {
    const { size, mtimeMs } = statSync(path);
    return `${path} ${size} ${Math.round(mtimeMs)}`;
  } catch {
    return "";
  }
}

/** The library that a driver's manifest names; one without a folder is found by the system, and not looked at. */
function libraryOf(manifest: string): string {
  try {
    return String(JSON.parse(readFileSync(manifest, "utf8")).ICD.library_path);
  } catch {
    return "";
  }
}
