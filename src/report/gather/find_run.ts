import { existsSync } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { UserError } from "../../errors.ts";
import { runRecords } from "../../pipeline/run_record.ts";
import type { RunRecord } from "../../pipeline/run_record_data.ts";
import { type Manifest, manifestsOf, readManifest } from "../../pipeline/store.ts";
import type { PageSource } from "../make_page.ts";
import { inputPaths } from "./artifact_inputs.ts";
import { segmentPagePath, segmentSource } from "./segment_folder.ts";
import { segmentation, sourceOfRun, testSource, trainingOf } from "./run_source.ts";
import type { TestSource } from "./test_artifact.ts";

/** A run that a folder stands for. */
export interface FoundRun {
  /** `WORK/EXPERIMENT`, or the folder of masks. */
  directory: string;
  /** Where its page goes. */
  page: string;
  /** What a page shows of it. */
  source: PageSource;
}

/** Stages whose artifacts stand for a run. */
const STAGES = ["report", "summary", "test", "segment", "train"];

/**
 * The run that a folder stands for: of `WORK` and of `WORK/EXPERIMENT` the last one, of an artifact the one it came from, of a
 * folder of masks those that left them.
 *
 * @param options.scans paths of scans by case that were segmented, where they no longer lie where they did
 * @throws {UserError} if there is none
 */
export async function findRun(dir: string, { scans }: { scans?: Record<string, string> } = {}): Promise<FoundRun> {
  if (!existsSync(dir)) throw refuse(dir, "no such folder");
  const segmented = await segmentSource(dir, { scans });
  if (segmented) return { directory: dir, page: segmentPagePath(dir), source: segmented };
  const found = await findPipelineRun(dir, scans);
  return { ...found, page: join(found.directory, "report.html") };
}

async function findPipelineRun(
  dir: string,
  scans: Record<string, string> = {},
): Promise<Pick<FoundRun, "directory" | "source">> {
  const name = basename(resolve(dir)).replace(/\.partial$/, ""), stage = basename(dirname(resolve(dir)));
  if (/^[0-9a-f]{24}$/.test(name) && STAGES.includes(stage)) {
    const directory = dirname(dirname(resolve(dir)));
    return { directory, source: await sourceOfArtifact(dir, { directory, stage, key: name, scans }) };
  }
  const folders = await foldersOf(dir);
  const directory = newestExperiment([dir, ...folders]);
  if (directory) return { directory, source: await sourceOfRun(directory, runRecords(directory)[0], { scans }) };
  for (const one of [dir, ...folders]) {
    const known = await newestWithoutRecord(one);
    if (!known) continue;
    const source = await sourceOfArtifact(join(one, known.stage, known.key), { directory: one, scans, ...known });
    return { directory: one, source };
  }
  throw refuse(dir, "neither");
}

/** The last test, or the last training, of an experiment of which no record was kept. */
async function newestWithoutRecord(directory: string): Promise<{ stage: string; key: string } | undefined> {
  const [test] = await manifestsOf(join(directory, "test"));
  if (test) return { stage: "test", key: test.key };
  const trainings = (await readdir(join(directory, "train")).catch(() => []))
    .filter((name) => existsSync(join(directory, "train", name, "metrics.jsonl")));
  const times = await Promise.all(trainings.map(async (name) => ({
    name,
    time: (await stat(join(directory, "train", name, "metrics.jsonl"))).mtimeMs,
  })));
  const [last] = times.sort((a, b) => b.time - a.time);
  return last && { stage: "train", key: last.name.replace(/\.partial$/, "") };
}

function refuse(dir: string, found: string): UserError {
  return new UserError(
    "usage",
    `Cannot make a page of "${dir}": expected a folder of artifacts, WORK/EXPERIMENT, one of a stage's, ` +
      `WORK/EXPERIMENT/test/KEY, or one of masks that segment left, found ${found}`,
  );
}

async function foldersOf(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(dir, name));
}

/** Of folders those with records of runs, the one with the last run. */
export function newestExperiment(dirs: readonly string[]): string | undefined {
  const found = dirs.flatMap((dir) => runRecords(dir).slice(0, 1).map(({ startTime }) => ({ dir, startTime })));
  return found.sort((a, b) => a.startTime < b.startTime ? 1 : -1)[0]?.dir;
}

/** What belongs to one artifact: of a summary its tests, of a test its training. */
async function sourceOfArtifact(
  dir: string,
  { directory, stage, key, scans }: { directory: string; stage: string; key: string; scans: Record<string, string> },
): Promise<PageSource> {
  const record = runRecords(directory).find(({ stages }) => stages.some((one) => one.key === key));
  if (stage === "report" && record) return await sourceOfRun(directory, record, { scans });
  const manifest = await readManifest(dir);
  if (!manifest && stage !== "train") throw refuse(dir, "an artifact that is not whole");
  const tests = stage === "test" ? [key] : ["segment", "train"].includes(stage) ? [] : testsOf(directory, manifest!);
  const sources = (await Promise.all(tests.map((one) => testSource(directory, one)))).filter((one) =>
    one !== undefined
  );
  const segmented = stage === "segment"
    ? await segmentation(directory, key, { scans: { ...record?.scans, ...scans } })
    : undefined;
  if (!["segment", "train"].includes(stage) && sources.length === 0) {
    throw refuse(dir, "a test whose images or labels are gone");
  }
  const { parameters } = manifest ?? { parameters: {} };
  const about = parameters as {
    about?: { experiment: string; dataset: string };
    experiment?: string;
    dataset?: string;
  };
  return {
    experiment: about.experiment ?? about.about?.experiment ?? record?.experiment ?? basename(directory),
    dataset: about.dataset ?? about.about?.dataset ?? "",
    differences: record?.differences ?? [],
    tests: sources,
    trainings: stage === "train"
      ? [{ name: "training", dir: existsSync(dir) ? dir : `${dir}.partial`, planned: plannedSteps(record, key) }]
      : await trainingsOf(directory, sources),
    summary: stage === "summary" ? JSON.parse(await readFile(join(dir, "summary.json"), "utf8")) : undefined,
    segmented: segmented?.segmented,
    sheets: segmented?.lost.flatMap(({ sheet }) => sheet ?? []),
    record,
    outcome: { state: manifest ? "done" : "unfinished" },
  };
}

/** Keys of the tests that a summary or a page puts together. */
function testsOf(directory: string, manifest: Manifest): string[] {
  const scores = Object.values(inputPaths(directory, manifest, "scores")).map((path) => dirname(path));
  return [...scores, ...Object.values(inputPaths(directory, manifest, "tests"))].map((path) => basename(path));
}

async function trainingsOf(directory: string, tests: readonly TestSource[]): Promise<PageSource["trainings"]> {
  const found = await Promise.all(tests.map(async ({ name, dir }) => {
    const training = trainingOf(directory, (await readManifest(dir))!);
    return training === undefined ? [] : [{ name, dir: training, planned: 0 }];
  }));
  return found.flat();
}

function plannedSteps(record: RunRecord | undefined, key: string): number {
  return record?.stages.find((one) => one.key === key)?.total ?? 0;
}
