import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { type Manifest, manifestsOf } from "../../pipeline/store.ts";

/** The files of all artifacts of an experiment by their content, so that inputs are found wherever the folder was moved to. */
export class ContentIndex {
  readonly #paths = new Map<string, string>();

  private constructor() {}

  /**
   * Reads the manifests of an experiment.
   *
   * @param directory `WORK/EXPERIMENT`
   */
  static async read(directory: string): Promise<ContentIndex> {
    const index = new ContentIndex();
    for (const stage of await readdir(directory, { withFileTypes: true })) {
      if (!stage.isDirectory() || stage.name.startsWith(".")) continue;
      for (const { key, files } of await manifestsOf(join(directory, stage.name))) {
        for (const { path, content } of files) {
          const known = index.#paths.get(content);
          // of equal files the first by name, so that two reads agree
          const full = join(directory, stage.name, key, path);
          if (known === undefined || full < known) index.#paths.set(content, full);
        }
      }
    }
    return index;
  }

  /** Path of a file with this content; `undefined` where it was removed. */
  path(content: string): string | undefined {
    return this.#paths.get(content);
  }

  /** Paths of the files of an input of an artifact by case id; those that are left. */
  inputs(manifest: Manifest, name: string): Record<string, string> {
    const found = Object.entries(manifest.inputs[name] ?? {}) as [string, string][];
    return Object.fromEntries(found.flatMap(([id, content]) => {
      const path = this.path(content);
      return path === undefined ? [] : [[id, path]];
    }));
  }
}
