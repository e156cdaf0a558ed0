import { join } from "node:path";
import { z } from "zod";
import type { Scores } from "../inference/results.ts";
import { summarize } from "../inference/summary.ts";
import { summaryCsv, summaryLatex, summaryMarkdown } from "../inference/summary_tables.ts";
import { defineStage } from "../pipeline/mod.ts";

/** One table of all folds: mean, deviation, smallest and largest of every class, both baselines, and what is published. */
export const summary = defineStage({
  name: "summary",
  version: 3,
  inputs: { scores: "files" },
  params: z.object({}),
  outputs: { json: "summary.json", markdown: "summary.md", csv: "summary.csv", latex: "summary.tex" },
  async run({ inputs, output }) {
    const folds: Scores[] = [];
    for (const path of Object.values(inputs.scores)) folds.push(JSON.parse(await Deno.readTextFile(path)));
    const result = summarize(folds);
    const write = (name: string, text: string) => Deno.writeTextFile(join(output, name), text);
    await write("summary.json", JSON.stringify(result, undefined, 1) + "\n");
    await write("summary.md", summaryMarkdown(result));
    await write("summary.csv", summaryCsv(result));
    await write("summary.tex", summaryLatex(result));
  },
});
