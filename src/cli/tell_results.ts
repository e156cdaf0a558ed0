import { basename, dirname, join } from "node:path";
import type { Study } from "../inference/study.ts";
import { studyTable } from "../inference/study_tables.ts";
import { markdownTable } from "../inference/results_tables.ts";
import type { Node, Reporter } from "../pipeline/mod.ts";
import { readVolumes, volumesMarkdown } from "../segmentation/volumes_table.ts";
import { alignedTable } from "./aligned_table.ts";
import { resultsForTerminal } from "./results_table.ts";

/**
 * Shows the table of the whole study, of the summary, or else of the test, and of what was segmented, and says where everything
 * lies.
 *
 * @param told.left cases that the run went on without
 * @returns the exit code
 */
export async function tellResults(
  directories: ReadonlyMap<Node, string>,
  { json, quiet }: { json?: boolean; quiet?: boolean },
  { reporter, left }: { reporter: Reporter; left: ReadonlyMap<string, string> },
): Promise<number> {
  const of = (name: string) => [...directories].filter(([{ stage }]) => stage.name === name).map(([, dir]) => dir);
  const tests = of("test"), summaries = of("summary"), models = of("train"), studies = of("study");
  const segmentations = of("segment");
  const [results] = [
    ...studies.map((dir) => join(dir, "study.json")),
    ...summaries.map((dir) => join(dir, "summary.json")),
    ...tests.map((dir) => join(dir, "scores.json")),
  ];
  if (results && !json && !quiet) console.log(await tableOf(results));
  for (const dir of json || quiet ? [] : segmentations) {
    console.log(`Volumes of the cases without labels:\n\n${volumesMarkdown(await readVolumes(dir), left.keys())}\n`);
  }
  const all = {
    tables: [
      ...studies.map((dir) => join(dir, "study.md")),
      ...summaries.map((dir) => join(dir, "summary.md")),
      ...tests.map((dir) => join(dir, "results.md")),
    ],
    cases: tests.map((dir) => join(dir, "cases.csv")),
    masks: [...tests.map((dir) => join(dir, "predictions")), ...segmentations],
    volumes: segmentations.map((dir) => join(dir, "volumes.csv")),
    models: models.map((dir) => join(dir, "model.safetensors")),
    page: of("report").map((dir) => join(dir, "index.html")),
  };
  const lies = Object.fromEntries(Object.entries(all).filter(([, paths]) => paths.length > 0));
  for (const [id, why] of left) if (!json) console.error(`failed   case "${id}": ${why}`);
  const exitCode = left.size > 0 ? 1 : 0;
  const message = left.size > 0 ? `went on without ${[...left.keys()].map((id) => `"${id}"`).join(", ")}` : undefined;
  reporter.report({ event: "done", message, results: lies, exitCode });
  return exitCode;
}

/** The table beside a file of results: as a terminal shows it, or else in Markdown. */
async function tableOf(results: string): Promise<string> {
  const columns = terminalColumns();
  if (basename(results) === "study.json") {
    const table = studyTable(JSON.parse(await Deno.readTextFile(results)) as Study);
    return columns === undefined ? `${markdownTable(table)}\n` : alignedTable(table, columns);
  }
  if (columns === undefined) {
    return await Deno.readTextFile(
      join(dirname(results), basename(results) === "scores.json" ? "results.md" : "summary.md"),
    );
  }
  return resultsForTerminal(JSON.parse(await Deno.readTextFile(results)), { columns, colour: !Deno.noColor });
}

/** Width of the terminal that standard output is. */
function terminalColumns(): number | undefined {
  if (!Deno.stdout.isTerminal()) return undefined;
  try {
    return Deno.consoleSize().columns || undefined;
  } catch {
    return undefined;
  }
}
