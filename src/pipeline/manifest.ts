import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { z } from "zod";
import { hashFile } from "./digest.ts";

/** Name of the file. */
export const MANIFEST = "manifest.json";

/** Whether a path leads to a file below the folder it is given in, whichever system reads it. */
function isInside(path: string): boolean {
  // deno-lint-ignore no-control-regex -- a name with a zero byte is what no system opens
  return !/[\x00]/.test(path) && !/^[/\\]|^[A-Za-z]:/.test(path) &&
    path.split(/[/\\]/).every((part) => part !== "" && part !== "." && part !== "..");
}

const SHA256 = /^[0-9a-f]{64}$/;

/** Folders of artifacts are called by their keys. */
const KEY = /^[0-9a-f]{24}$/;

const fileSchema = z.object({
  /** Relative to the artifact. */
  path: z.string().refine(isInside),
  /** Its length. */
  bytes: z.int().min(0),
  /** Of its bytes. */
  sha256: z.string().regex(SHA256),
  /** Of its content: differs from `sha256` for gzip, where it is that of the uncompressed bytes. */
  content: z.string().regex(SHA256),
});

const manifestSchema = z.object({
  /** Name of the stage. */
  stage: z.string().min(1),
  /** Version of the stage. */
  version: z.number(),
  /** The artifact's key. */
  key: z.string().min(1),
  /** Parameters of the stage. */
  parameters: z.unknown(),
  /** Content of every input file, by input and case. */
  inputs: z.record(z.string(), z.unknown()),
  /** Its files, sorted by path. */
  files: z.array(fileSchema),
  /** When it was begun. */
  startTime: z.string(),
  /** When it was finished. */
  endTime: z.string(),
  /** What made it. */
  versions: z.record(z.string(), z.string()),
  /** What needed attention while it was made; shown again when it is taken from the cache. */
  warnings: z.array(z.string()).default([]),
  /** Of a case that is left out: why its data cannot be used. There are no files then. */
  refusal: z.string().optional(),
});

/** One file of an artifact. */
export type ManifestFile = z.output<typeof fileSchema>;

/** `manifest.json` of an artifact. */
export type Manifest = z.output<typeof manifestSchema>;

/** What a manifest says, whether its files are there or not; `undefined` where there is none that we wrote, or another's. */
async function parseManifest(dir: string): Promise<Manifest | undefined> {
  try {
    const manifest = manifestSchema.parse(JSON.parse(await readFile(join(dir, MANIFEST), "utf8")));
    return KEY.test(basename(dir)) && manifest.key !== basename(dir) ? undefined : manifest;
  } catch {
    return undefined;
  }
}

/**
 * Reads the manifest of an artifact; `undefined` if it is not whole: no manifest that we wrote, that of another key, or a file
 * is missing or has another length.
 *
 * @param verify hashes the files, too
 */
export async function readManifest(dir: string, verify = false): Promise<Manifest | undefined> {
  const manifest = await parseManifest(dir);
  for (const { path, bytes, sha256 } of manifest?.files ?? []) {
    const found = await stat(join(dir, path)).catch(() => undefined);
    if (!found?.isFile() || found.size !== bytes) return undefined;
    if (verify && await hashFile(join(dir, path)).catch(() => "") !== sha256) return undefined;
  }
  return manifest;
}

/** Manifests of all artifacts of a stage, the newest first; for telling what changed. */
export async function manifestsOf(stageDir: string): Promise<Manifest[]> {
  const names = await readdir(stageDir).catch(() => []);
  const manifests: Manifest[] = [];
  for (const name of names) {
    if (name.endsWith(".partial") || name.endsWith(".old") || name === "cases") continue;
    const manifest = await parseManifest(join(stageDir, name));
    if (manifest) manifests.push(manifest);
  }
  return manifests.sort((a, b) => a.endTime < b.endTime ? 1 : -1);
}
