import { join } from "node:path";
import type { Summary } from "../inference/summary.ts";
import { hashText } from "../pipeline/digest.ts";
import type { RunRecord } from "../pipeline/run_record_data.ts";
import { appendMetrics, emptyLog } from "./curves/training_curve.ts";
import { readSegmentedCases, type SegmentedSource } from "./gather/segmented_cases.ts";
import { TestArtifact, type TestSource } from "./gather/test_artifact.ts";
import { readTestedCases } from "./gather/test_cases.ts";
import { ViewerSpace } from "./cases/viewer_space.ts";
import { PAGE_ROOM, renderPage, roomForViewers } from "./page/render.ts";
import type { PageData, PageOutcome, PageSheet, Provenance, ProvenanceStage } from "./page_data.ts";

/** What a page is made from. */
export interface PageSource {
  /** Name of the experiment. */
  experiment: string;
  /** Name of the data set. */
  dataset: string;
  /** What differs from the published protocol. */
  differences: readonly string[];
  /** What was tested, a part a fold. */
  tests: readonly TestSource[];
  /** Folders of the trainings, finished or not. */
  trainings: readonly { name: string; dir: string; planned: number }[];
  /** All folds together. */
  summary?: Summary;
  /** What is known of the run. */
  record?: RunRecord;
  /** How it stands with the run. */
  outcome: PageOutcome;
  /** Pictures from on the way, for a run without tests. */
  sheets?: readonly PageSheet[];
  /** What was segmented without a truth. */
  segmented?: readonly SegmentedSource[];
  /** What is known of its making, where there is no record. */
  provenance?: Provenance;
}

/** Bytes that a pixel of a small picture takes at most, as text. */
const BYTES_PER_PIXEL = 1.2;

/** Sides of a small picture in pixels: what a screen shows at most, and what still shows something. */
const MOST_PIXELS = 320, FEWEST_PIXELS = 64;

/**
 * Makes the page of a run.
 *
 * @param progress told how many cases are read
 * @returns the text of the page
 */
export async function makePage(
  { tests, trainings, record, sheets = [], segmented = [], provenance, ...source }: PageSource,
  progress?: (done: number, total: number) => void,
): Promise<string> {
  const opened = await Promise.all(tests.map((test) => TestArtifact.open(test)));
  const tested = opened.reduce((sum, { ids }) => sum + ids.length, 0), total = tested + segmented.length;
  const side = Math.sqrt(PAGE_ROOM.pictures / BYTES_PER_PIXEL / Math.max(1, total));
  const room = {
    space: new ViewerSpace(PAGE_ROOM.viewers),
    side: Math.max(FEWEST_PIXELS, Math.min(MOST_PIXELS, side)),
  };
  const { cases, overlays } = await readTestedCases(opened, room, (done) => progress?.(done, total));
  const others = await readSegmentedCases(segmented, room, (done) => progress?.(tested + done, total));
  const scores = opened.map((test) => ({ name: test.source.name, scores: test.scores }));
  const data: PageData = {
    ...source,
    identity: hashText(JSON.stringify([source.experiment, scores, segmentedAs(segmented)])).slice(0, 16),
    tests: scores,
    cases,
    overlays,
    trainings: await Promise.all(trainings.map(async ({ name, dir, planned }) => {
      const log = emptyLog();
      appendMetrics(log, await Deno.readTextFile(join(dir, "metrics.jsonl")).catch(() => ""));
      return { name, log, planned };
    })),
    segmented: others.cases,
    segments: others.segments,
    sheets,
    provenance: record
      ? provenanceOf(record, source.outcome)
      : provenance ?? { versions: {}, stages: [], warnings: [] },
  };
  const all = [...cases, ...others.cases];
  for (const [i, viewer] of room.space.assign(await roomForViewers(data)).entries()) all[i].viewer = viewer;
  return await renderPage(data);
}

/** What tells segmented cases from others. */
function segmentedAs(segmented: readonly SegmentedSource[]): unknown {
  return segmented.length > 0 ? segmented.map(({ part, id, volumes }) => [part, id, volumes]) : undefined;
}

function provenanceOf(record: RunRecord, { state }: PageOutcome): Provenance {
  const { command, folder, startTime, endTime, lastTime, host, versions, seed, configuration, warnings } = record;
  return {
    command: commandLine(command),
    ...{ folder, startTime, host, versions, seed, configuration, warnings },
    // the page itself is the last stage of a run
    endTime: endTime ?? (state === "done" ? new Date().toISOString() : lastTime),
    stages: record.stages.map(stageOf),
  };
}

function stageOf(
  { stage, part, key, state, seconds, done, total, unit }: RunRecord["stages"][number],
): ProvenanceStage {
  const name = part ? `${stage} (${part})` : stage;
  if (stage === "report" && state === "running") return { name, key, state: "this page" };
  const words = { waiting: "not begun", running: "begun", made: "made", cached: "as it was" };
  const progress = state === "running" && total !== undefined ? `, ${done} of ${total} ${unit}` : "";
  return { name, key, state: words[state] + progress, seconds };
}

/** A command as it is typed. */
export function commandLine(args: readonly string[]): string {
  return `./dfdt ${args.map(quoted).join(" ")}`;
}

/** A word of a command as a shell takes it. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
