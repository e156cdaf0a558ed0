import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Summary } from "../../inference/summary.ts";
import { DigestMemory } from "../../pipeline/digest.ts";
import { type Manifest, readManifest } from "../../pipeline/store.ts";
import { isAlive } from "../../pipeline/run_record.ts";
import type { RecordedStage, RunRecord } from "../../pipeline/run_record_data.ts";
import type { PageSource } from "../make_page.ts";
import type { PageOutcome, PageSheet } from "../page_data.ts";
import { inputPath, inputPaths } from "./artifact_inputs.ts";
import type { SegmentedSource } from "./segmented_cases.ts";
import { segmentedArtifact } from "./segmented_files.ts";
import type { TestSource } from "./test_artifact.ts";

/**
 * What there is of a run, wherever its folder lies now: what is finished of it, and the logs of trainings that are not.
 *
 * @param directory `WORK/EXPERIMENT`
 * @param options.scans paths of scans by case that were segmented, where they no longer lie where they did
 */
export async function sourceOfRun(
  directory: string,
  record: RunRecord,
  { scans }: { scans?: Readonly<Record<string, string>> } = {},
): Promise<PageSource> {
  const of = (stage: string) => record.stages.filter((one) => one.stage === stage && one.key !== undefined);
  const nameOf = ({ part }: RecordedStage) => part ?? "fold";
  const tests: TestSource[] = [];
  for (const one of of("test")) {
    const found = await testSource(directory, one.key!);
    if (found) tests.push(found);
  }
  const segmented: SegmentedSource[] = [], lost: LostCase[] = [];
  for (const { key, part } of of("segment")) {
    const found = await segmentation(directory, key!, { part, scans: { ...record.scans, ...scans } });
    segmented.push(...found.segmented);
    lost.push(...found.lost);
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
    segmented,
    record: lost.length === 0 ? record : { ...record, warnings: [...record.warnings, ...lost.map(({ why }) => why)] },
    outcome: outcomeOf(record),
    sheets: tests.length + segmented.length > 0
      ? lost.flatMap(({ sheet }) => sheet ?? [])
      : await sheetsOf(directory, record),
  };
}

/** A segmented case whose scan is gone. */
interface LostCase {
  why: string;
  sheet?: PageSheet;
}

/**
 * The cases of an artifact of stage `segment`; nothing if it is not whole.
 *
 * @param scans paths of raw scans by case, which are believed if they hold what was segmented
 */
export async function segmentation(
  directory: string,
  key: string,
  { part, scans }: { part?: string; scans: Readonly<Record<string, string>> },
): Promise<{ segmented: SegmentedSource[]; lost: LostCase[] }> {
  const dir = join(directory, "segment", key);
  const manifest = await readManifest(dir);
  if (!manifest) return { segmented: [], lost: [] };
  const digests = new DigestMemory(dirname(directory));
  const there: Record<string, string> = {}, lost: LostCase[] = [];
  for (const [id, input] of Object.entries(manifest.inputs.images ?? {})) {
    const path = scans[id], { sha256 } = input as { sha256: string };
    const found = path === undefined ? undefined : await digests.digest(path, false).catch(() => undefined);
    if (found === sha256) there[id] = path;
    else {
      const sheet = await readSheet(join(dir, `sheet_${id}.png`), `case ${id}`);
      if (!sheet) continue; // left out of the run, which said so
      const where = path === undefined
        ? "it is not known where its scan lies"
        : `its scan "${path}" is gone, or another`;
      lost.push({
        why: `case "${id}" is shown as a sheet alone: ${where}. ./dfdt report "${directory}" --query PATH says where`,
        sheet: lost.length < MOST_SHEETS ? sheet : undefined,
      });
    }
  }
  return { segmented: await segmentedArtifact(dir, { part, scans: there }), lost };
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
      if (found.length >= MOST_SHEETS) return found;
      const sheet = await readSheet(join(dir, file), `${name}: ${file}`);
      if (sheet) found.push(sheet);
    }
  }
  return found;
}

/** A picture with its title; `undefined` if it is gone, or too large. */
export async function readSheet(path: string, title: string): Promise<PageSheet | undefined> {
  const bytes = await readFile(path).catch(() => undefined);
  if (!bytes || bytes.length > MOST_BYTES) return undefined;
  return { title, address: `data:image/png;base64,${bytes.toString("base64")}` };
}

async function namesOf(dir: string): Promise<string[]> {
  return (await readdir(dir).catch(() => [])).filter((name) => name.endsWith(".png")).sort();
}
