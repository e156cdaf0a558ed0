import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Manifest } from "../../pipeline/store.ts";

/** An input that a stage made, as a manifest names it: by artifact, so that it is found wherever the folder was moved to. */
interface MadeInput {
  stage: string;
  key: string;
  file: string;
}

/**
 * The path of an input that another stage made; `undefined` where it is a raw file, or gone.
 *
 * @param directory `WORK/EXPERIMENT`
 */
export function inputPath(directory: string, input: unknown): string | undefined {
  const { stage, key, file } = input as Partial<MadeInput>;
  if (stage === undefined || key === undefined || file === undefined) return undefined;
  const path = join(directory, stage, key, file);
  return existsSync(path) ? path : undefined;
}

/** Paths of an input of several files, by case id; those that are left. */
export function inputPaths(directory: string, { inputs }: Manifest, name: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(inputs[name] ?? {}).flatMap(([id, input]) => {
      const path = inputPath(directory, input);
      return path === undefined ? [] : [[id, path]];
    }),
  );
}
