import { join } from "node:path";
import { z } from "zod";
import type { Scores } from "../inference/results.ts";
import { studyOf, type StudyRun } from "../inference/study.ts";
import { runsCsv, studyCsv, studyLatex, studyMarkdown } from "../inference/study_tables.ts";
import { defineStage } from "../pipeline/mod.ts";

/** One table of all runs that a command asks for: settings, protocols, folds and seeds, of one data set or of several. */
export const study = defineStage({
  name: "study",
  version: 1,
  inputs: { scores: "files" },
  /** Seeds of the runs, by the names of their scores. */
  params: z.object({ seeds: z.record(z.string(), z.int()) }),
  outputs: {
    json: "study.json",
    markdown: "study.md",
    csv: "study.csv",
    runs: "runs.csv",
    latex: "study.tex",
  },
  async run({ inputs, params, output }) {
    const runs: StudyRun[] = [];
    for (const [name, path] of Object.entries(inputs.scores)) {
      runs.push({ seed: params.seeds[name], scores: JSON.parse(await Deno.readTextFile(path)) as Scores });
    }
    const result = studyOf(runs);
    const write = (name: string, text: string) => Deno.writeTextFile(join(output, name), text);
    await write("study.json", JSON.stringify(result, undefined, 1) + "\n");
    await write("study.md", studyMarkdown(result));
    await write("study.csv", studyCsv(result));
    await write("runs.csv", runsCsv(result));
    await write("study.tex", studyLatex(result));
  },
});
