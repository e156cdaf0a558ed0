import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Summary } from "../../inference/summary.ts";
import { type Manifest, readManifest } from "../../pipeline/store.ts";
import { isAlive } from "../../pipeline/run_record.ts";
import type { RecordedStage, RunRecord } from "../../pipeline/run_record_data.ts";
import type { PageSource } from "../make_page.ts";
import type { PageOutcome, PageSheet } from "../page_data.ts";
import { inputPath, inputPaths } from "./artifact_inputs.ts";
import type { TestSource } from "./test_artifact.ts";

/**
 * What there is of a run, wherever its folder lies now: what is finished of it, and the logs of trainings that are not.
 *
 * @param directory `WORK/EXPERIMENT`
 */
export async function sourceOfRun(directory: string, record: RunRecord): Promise<PageSource> {
  const of = (stage: string) => record.stages.filter((one) => one.stage === stage && one.key !== undefined);
  const nameOf = ({ part }: RecordedStage) => part ?? "fold";
  const tests: TestSource[] = [];
  for (const one of of("test")) {
    const found = await testSource(directory, one.key!);
    if (found) tests.push(found);
  }
  const [summary] = await Promise.all(of("summary").map(({ key }) => readSummary(join(directory, "summary", key!))));
  const trainings = of("train").flatMap((one) => {
    const dir = trainingFolder(join(directory, "train", one.key!));
    return dir ? [{ name: nameOf(one), dir, planned: one.total ?? 0 }] : [];
  });
  return {
    experiment: record.experiment,
    dataset: record.experiment,
    differences: record.differences,
    tests,
    trainings,
    summary,
    record,
    outcome: outcomeOf(record),
    sheets: tests.length > 0 ? [] : await sheetsOf(directory, record),
  };
}

/**
 * The test of an artifact with its inputs; `undefined` if it is not whole, or they are gone.
 *
 * @param directory `WORK/EXPERIMENT`
 */
export async function testSource(directory: string, key: string): Promise<TestSource | undefined> {
  const dir = join(directory, "test", key);
  const manifest = await readManifest(dir);
  if (!manifest) return undefined;
  const images = inputPaths(directory, manifest, "images"), labels = inputPaths(directory, manifest, "labels");
  const isWhole = Object.keys(manifest.inputs.images ?? {}).every((id) => id in images && id in labels);
  return isWhole ? { name: `fold ${(manifest.parameters as { fold: number }).fold}`, dir, images, labels } : undefined;
}

/** The folder of the training that a test's model comes from; `undefined` if it is gone. */
export function trainingOf(directory: string, { inputs }: Manifest): string | undefined {
  const model = inputPath(directory, inputs.model);
  if (model === undefined) return undefined;
  return dirname(model).endsWith("snapshots") ? dirname(dirname(model)) : dirname(model);
}

/** A training's folder, finished or not. */
function trainingFolder(dir: string): string | undefined {
  return [dir, `${dir}.partial`].find((one) => existsSync(join(one, "metrics.jsonl")));
}

async function readSummary(dir: string): Promise<Summary | undefined> {
  return await readFile(join(dir, "summary.json"), "utf8").then(JSON.parse, () => undefined);
}

/** Minutes for which a run is believed to go on whose process cannot be looked for, as on another machine. */
const BELIEVED_MINUTES = 10;

/** How it stands with a run: one that was killed says of itself that it runs. */
export function outcomeOf(record: RunRecord, now = new Date()): PageOutcome {
  const { state, message, lastTime, host } = record;
  if (state !== "running") return { state, message };
  const alive = isAlive(record);
  const heard = `It was last heard of on ${lastTime.replace("T", " ").replace(/\.\d+Z$/, " UTC")}.`;
  if (alive === false) return { state: "unfinished", message: `Its process is gone: it was killed. ${heard}` };
  if (alive || now.getTime() - Date.parse(lastTime) < BELIEVED_MINUTES * 60_000) return { state: "running" };
  return {
    state: "unfinished",
    message: `${host === "" ? "No record of it was kept" : `It ran on "${host}"`}. ${heard}`,
  };
}

/** Pictures that a page shows of a run without tests: so many. */
const MOST_SHEETS = 12;

/** Bytes of a picture beyond which it is left out. */
const MOST_BYTES = 600_000;

/** Contact sheets of cases, and the last episode sheets. */
async function sheetsOf(directory: string, record: RunRecord): Promise<PageSheet[]> {
  const found: PageSheet[] = [];
  for (const { stage, part, key } of record.stages) {
    if (key === undefined) continue;
    const name = part ? `${stage} (${part})` : stage;
    const dir = [join(directory, stage, key), join(directory, stage, `${key}.partial`)].find((one) => existsSync(one));
    if (!dir) continue;
    const episodes = (await namesOf(join(dir, "episodes"))).slice(-2).map((file) => join("episodes", file));
    const sheets = (await namesOf(dir)).filter((file) => file.startsWith("sheet_")).slice(0, 4);
    for (const file of [...episodes, ...sheets]) {
      const bytes = await readFile(join(dir, file));
      if (bytes.length > MOST_BYTES || found.length >= MOST_SHEETS) continue;
      found.push({ title: `${name}: ${file}`, address: `data:image/png;base64,${bytes.toString("base64")}` });
    }
  }
  return found;
}

async function namesOf(dir: string): Promise<string[]> {
  return (await readdir(dir).catch(() => [])).filter((name) => name.endsWith(".png")).sort();
}
