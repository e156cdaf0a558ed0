import { join } from "node:path";
import { z } from "zod";
import { type ClassCounts, classMap, countClasses } from "../imaging/class_map.ts";
import { readNifti } from "../imaging/files/nifti_file.ts";
import { defineStage } from "../pipeline/mod.ts";

/** Lists the slices that show each class (docs/reference/preprocessing.md, 7). */
export const sliceIndex = defineStage({
  name: "index",
  version: 1,
  inputs: { labels: "cases" },
  params: z.object({
    classes: z.array(z.string()),
    minPixels: z.array(z.int().min(1)),
  }),
  outputs: { classmap: "classmap_1.json" },
  async run({ inputs, params, output, progress }) {
    const counts = new Map<string, ClassCounts>();
    const files = Object.entries(inputs.labels);
    for (const [id, path] of files) {
      counts.set(id, countClasses(await readNifti(path), params.classes.length));
      progress(counts.size, files.length, "cases");
    }
    for (const minPixels of params.minPixels) {
      const text = JSON.stringify(classMap(counts, params.classes, minPixels), undefined, 1);
      await Deno.writeTextFile(join(output, `classmap_${minPixels}.json`), text + "\n");
    }
  },
});
