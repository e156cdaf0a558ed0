import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { RunRecord } from "../pipeline/run_record_data.ts";
import { sourceOfRun } from "./gather/run_source.ts";
import { makePage } from "./make_page.ts";
import { STATE } from "./page/page.tsx";
import { writeWhole } from "../disk.ts";

export { comparisonPage } from "./compare/comparison.tsx";
export { comparedRun, MOST_RUNS } from "./compare/compared_run.ts";
export { findRun, type FoundRun } from "./gather/find_run.ts";
export type { SegmentedSource } from "./gather/segmented_cases.ts";
export { segmentedArtifact } from "./gather/segmented_files.ts";
export { currentSegmentPage, writeSegmentPage } from "./segment_page.ts";
export { commandLine, makePage, type PageSource } from "./make_page.ts";
export type { Provenance } from "./page_data.ts";

/**
 * Writes the page of what there is of a run beside its stages, `WORK/EXPERIMENT/report.html`, and returns its path.
 *
 * @param directory `WORK/EXPERIMENT`
 */
export async function writeRunPage(directory: string, record: RunRecord, path = join(directory, "report.html")) {
  const page = await makePage(await sourceOfRun(directory, record));
  await writeWhole(path, page);
  return path;
}

/** Removes `WORK/EXPERIMENT/report.html` where it shows a run that had not ended well: it is so no longer. */
export async function removeOutdatedPage(directory: string): Promise<void> {
  const path = join(directory, "report.html");
  const [, state] = (await readFile(path, "utf8")).match(`<meta name="${STATE}" content="(\\w+)"`) ?? [];
  if (state !== undefined && state !== "done") await rm(path);
}
