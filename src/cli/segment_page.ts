import { resolve } from "node:path";
import type { Reporter } from "../pipeline/mod.ts";
import type { QueryCase } from "../segmentation/query_cases.ts";
import type { CaseOutcome } from "../segmentation/segment_cohort.ts";
import { versions } from "./versions.ts";

/**
 * Makes the page of a folder of masks, unless it is there and nothing has changed. Masks without a page are masks all the same.
 *
 * @param run.cases the scans, of which those that failed are not shown
 * @param run.startTime when the run began
 * @param run.warnings what needed attention
 * @returns its path, if there is one
 */
export async function pageOfMasks(
  out: string,
  outcomes: readonly CaseOutcome[],
  { cases, startTime, warnings, reporter }: {
    cases: readonly QueryCase[];
    startTime: string;
    warnings: readonly string[];
    reporter: Reporter;
  },
): Promise<string | undefined> {
  // what draws and renders is loaded by those alone who need it
  const { commandLine, currentSegmentPage, writeSegmentPage } = await import("../report/mod.ts");
  const isSame = outcomes.every(({ status }) => status === "kept");
  const current = isSame ? await currentSegmentPage(out) : undefined;
  if (current !== undefined) return current;
  const done = new Set(outcomes.filter(({ status }) => status !== "failed").map(({ id }) => id));
  const failed = outcomes.flatMap(({ id, status, message }) => status === "failed" ? [`${id} failed: ${message}`] : []);
  const made = {
    command: commandLine(Deno.args),
    folder: Deno.cwd(),
    host: Deno.hostname(),
    ...{ startTime, endTime: new Date().toISOString() },
    versions: versions(),
    stages: [],
    warnings: [...warnings, ...failed],
    scans: Object.fromEntries(cases.flatMap(({ id, path }) => done.has(id) ? [[id, resolve(path)]] : [])),
  };
  try {
    return await writeSegmentPage(out, made, (done, total) => {
      reporter.report({ event: "progress", stage: "page", done, total, unit: "cases" });
    });
  } catch (error) {
    const message = `there is no page: ${error instanceof Error ? error.message : error}`;
    reporter.report({ event: "warning", stage: "page", message });
    return undefined;
  }
}
