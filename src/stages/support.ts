import { join } from "node:path";
import { z } from "zod";
import { slicesWith } from "../fewshot/support_choice.ts";
import { type Presence, shownClasses } from "../fewshot/tested_classes.ts";
import { readNifti } from "../imaging/files/nifti_file.ts";
import { countClassVoxels } from "../imaging/labelling.ts";
import { type ClassVoxels, wayToKeep } from "../imaging/small_structures.ts";
import { defineStage } from "../pipeline/mod.ts";

/** A class as results name it. */
export const namedClasses = z.array(z.object({ name: z.string(), value: z.int() }));

/**
 * Finds the slices on which the support case shows each tested class. It stands before training, so that nobody learns after
 * hours that the test cannot begin.
 */
export const support = defineStage({
  name: "support",
  version: 2,
  /** Labels of all labelled cases, of which those that do not support are read only to name another one. */
  inputs: { labels: "cases", classes: "optional cases" },
  params: z.object({
    support: z.string(),
    /** All classes by number. */
    classes: namedClasses,
    /** Class numbers that are tested. */
    tested: z.array(z.int()),
    /** Whether the user named them. */
    named: z.boolean(),
  }),
  outputs: { slices: "support.json" },
  async run({ inputs, params: { support, classes, tested, named }, output, warn }) {
    const { data, size } = await readNifti(inputs.labels[support]);
    const counts = countClassVoxels(data);
    const report = inputs.classes?.[support];
    const voxels: ClassVoxels[] = report === undefined ? [] : JSON.parse(await Deno.readTextFile(report));
    const presence = (number: number): Presence => {
      const inFile = voxels.find(({ label }) => label === number);
      return { after: counts.get(number) ?? 0, before: inFile?.before, wayToKeep: inFile && wayToKeep(inFile) };
    };
    const missing = tested.filter((number) => presence(number).after === 0);
    const others = new Map<number, string[]>(missing.map((number) => [number, []]));
    for (const [id, path] of missing.length > 0 ? Object.entries(inputs.labels) : []) {
      const shown = countClassVoxels((await readNifti(path)).data);
      for (const number of missing) if (shown.has(number)) others.get(number)!.push(id);
    }
    const left = shownClasses({ tested, named }, {
      support,
      classes,
      presence,
      others: (number) => others.get(number)!,
    });
    if (left.line) warn(left.line);
    const slices = left.tested.map((number) =>
      [classes[number].name, slicesWith(data, number, size[0] * size[1])] as const
    );
    const found = { support, classes: Object.fromEntries(slices) };
    await Deno.writeTextFile(join(output, "support.json"), JSON.stringify(found, undefined, 1) + "\n");
  },
});
