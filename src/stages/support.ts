import { join } from "node:path";
import { z } from "zod";
import { UserError } from "../errors.ts";
import { slicesWith } from "../fewshot/support_choice.ts";
import { readNifti } from "../imaging/io/nifti.ts";
import { classNumbers } from "../imaging/label_values.ts";
import { defineStage } from "../pipeline/mod.ts";

/**
 * Finds the slices on which the support case shows each tested class. It stands before training, so that nobody learns after
 * hours that the test cannot begin.
 */
export const support = defineStage({
  name: "support",
  version: 1,
  inputs: { labels: "cases" },
  params: z.object({
    support: z.string(),
    /** Names of all classes by label value. */
    classes: z.array(z.string()),
    /** Label values that are tested. */
    tested: z.array(z.int()),
    /** Stored label value of every class, where they are not 0, 1, 2, … */
    labelValues: z.array(z.int()).optional(),
  }),
  outputs: { slices: "support.json" },
  async run({ inputs, params: { support, classes, tested, labelValues }, output }) {
    const { data, size } = classNumbers(await readNifti(inputs.labels[support]), labelValues);
    const slices = tested.map((label) => [classes[label], slicesWith(data, label, size[0] * size[1])] as const);
    const missing = slices.filter(([, found]) => found.length === 0).map(([name]) => `"${name}"`);
    if (missing.length > 0) {
      throw new UserError(
        "data",
        `Cannot test ${
          missing.join(", ")
        }: expected the support case "${support}" to show every tested class, found none of ` +
          "their voxels. Choose another --fold, or the label values that are tested: --set test.labels=[1,2]",
      );
    }
    const report = { support, classes: Object.fromEntries(slices) };
    await Deno.writeTextFile(join(output, "support.json"), JSON.stringify(report, undefined, 1) + "\n");
  },
});

/**
 * The label values that are tested.
 *
 * @param labels those that the configuration asks for; `null` for all
 * @throws {UserError} for one that is no class
 */
export function testedLabels(labels: readonly number[] | null, classes: readonly string[]): number[] {
  if (labels === null) return classes.map((_, label) => label).slice(1);
  const wrong = labels.find((label) => label < 1 || label >= classes.length);
  if (wrong !== undefined || labels.length === 0) {
    throw new UserError(
      "usage",
      `Cannot test label ${wrong ?? "values []"}: expected test.labels among 1 to ${classes.length - 1}`,
    );
  }
  return [...labels];
}
