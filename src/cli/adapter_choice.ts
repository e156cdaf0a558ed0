import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../errors.ts";
import { type Gpu, preferAdapter } from "../gpu/mod.ts";

/** An adapter that the system offers, and how to be given it. */
export interface OfferedAdapter {
  /** Its own name. */
  name: string;
  /** The preference for which it is offered. */
  preference: GPUPowerPreference;
  /** Manifest of its Vulkan driver, where the system has such. */
  manifest?: string;
}

/** Where Vulkan's loader looks for drivers. */
export const DRIVER_FOLDERS: readonly string[] = [
  "/etc/vulkan/icd.d",
  "/usr/local/etc/vulkan/icd.d",
  "/usr/local/share/vulkan/icd.d",
  "/usr/share/vulkan/icd.d",
];

/** Names an adapter for either preference, on a line each; a process of its own, since the loader looks at drivers once. */
const PROBE = `for (const powerPreference of ["high-performance", "low-power"]) {
  const info = (await navigator.gpu?.requestAdapter({ powerPreference }))?.info;
  if (info) console.log(powerPreference + " " + (info.description || info.device || info.vendor || "unnamed adapter"));
}`;

/** All adapters that the system offers, the one that is used unless another is asked for first. */
export async function offeredAdapters(): Promise<OfferedAdapter[]> {
  const chosen = Deno.env.get("VK_DRIVER_FILES") || Deno.env.get("VK_ICD_FILENAMES");
  const manifests = Deno.build.os !== "linux" || chosen ? [] : DRIVER_FOLDERS.flatMap(manifestsIn);
  const offers = await Promise.all([undefined, ...manifests].map(adaptersOf));
  const byName = new Map<string, OfferedAdapter>();
  for (const offer of offers.flat()) if (!byName.has(offer.name)) byName.set(offer.name, offer);
  return [...byName.values()];
}

function manifestsIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter((name) => name.endsWith(".json")).sort().map((name) => join(folder, name));
}

async function adaptersOf(manifest: string | undefined): Promise<OfferedAdapter[]> {
  const env: Record<string, string> = manifest ? { VK_DRIVER_FILES: manifest, VK_ICD_FILENAMES: manifest } : {};
  const args = ["eval", "--no-config", "--no-lock", PROBE];
  const { stdout } = await new Deno.Command(Deno.execPath(), { args, env, stdin: "null", stderr: "null" }).output();
  return new TextDecoder().decode(stdout).split("\n").flatMap((line) => {
    const space = line.indexOf(" ");
    if (space < 0) return [];
    return [{ name: line.slice(space + 1), preference: line.slice(0, space) as GPUPowerPreference, manifest }];
  });
}

/**
 * Lets a run compute on the adapter of a name. To be called before anything asks for an adapter.
 *
 * @param wanted part of its name, in any case; the fastest one unless given
 * @throws {UserError} naming those that there are, if it is none of them
 */
export async function useAdapter(wanted: string | undefined): Promise<void> {
  if (!wanted) return;
  const offers = await offeredAdapters();
  const found = offers.find(({ name }) => name.toLowerCase().includes(wanted.toLowerCase()));
  if (!found) {
    const names = offers.map(({ name }) => `"${name}"`).join(", ");
    throw new UserError(
      "usage",
      `Cannot use --adapter "${wanted}": expected part of the name of one that there is, ${
        names || "and there is none"
      }`,
    );
  }
  if (found.manifest) {
    for (const name of ["VK_DRIVER_FILES", "VK_ICD_FILENAMES"]) {
      Deno.env.set(name, found.manifest);
    }
  }
  preferAdapter(found.preference);
}

/** Device files that a GPU has. */
const GPU_FILES = ["/dev/nvidia0", "/dev/kfd", "/dev/dri/renderD128", "/dev/dxg"];

/** What a run says of the adapter that it computes on. */
export function adapterInWords(
  { adapterName, adapterKernels }: Pick<Gpu, "adapterName" | "adapterKernels">,
  exists: (path: string) => boolean = existsSync,
): { event: "plan" | "warning"; message: string }[] {
  const lines: { event: "plan" | "warning"; message: string }[] = [
    { event: "plan", message: `computes on ${adapterName}` },
  ];
  const file = adapterKernels === "llvmpipe" ? GPU_FILES.find(exists) : undefined;
  if (file) {
    lines.push({
      event: "warning",
      message:
        `"${adapterName}" is a driver in software, although there is "${file}": is a Vulkan driver of that GPU ` +
        "installed here? ./dfdt doctor lists the adapters that are found",
    });
  }
  return lines;
}
