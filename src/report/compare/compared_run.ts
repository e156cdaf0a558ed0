import { join } from "node:path";
import type { Measure } from "../../inference/protocol.ts";
import { MEASURES } from "../../inference/protocol.ts";
import type { Scores } from "../../inference/results.ts";
import { type Spread, spread } from "../../inference/summary.ts";
import { readManifest } from "../../pipeline/store.ts";
import { appendMetrics, emptyLog } from "../curves/training_curve.ts";
import type { FoundRun } from "../gather/find_run.ts";
import type { NamedLog } from "../plots/curve_plots.ts";
import { flatSettings, type Settings } from "./settings.ts";

/** A run among several. */
export interface ComparedRun {
  /** A letter. */
  name: string;
  /** The folder as it was typed. */
  folder: string;
  /** Name of the experiment. */
  experiment: string;
  /** How it stands. */
  state: string;
  /** `scores.json` of its folds. */
  tests: readonly Scores[];
  /** Spread of every measure over the folds. */
  figures: Partial<Record<Measure, Spread>>;
  /** Logs of its trainings. */
  logs: readonly NamedLog[];
  /** What the results and the training's artifact say that it was made with. */
  settings: Settings;
  /** Its resolved configuration; none without a record of the run. */
  configuration?: Settings;
}

/** Letters of runs. */
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/** Most runs that a page compares: as many as there are letters. */
export const MOST_RUNS = LETTERS.length;

/**
 * What a page compares of a run.
 *
 * @param position among the runs
 * @param folder as it was typed
 */
export async function comparedRun(
  { source }: Pick<FoundRun, "source">,
  position: number,
  folder: string,
): Promise<ComparedRun> {
  const name = LETTERS[position];
  const tests: Scores[] = [];
  for (const { dir } of source.tests) tests.push(JSON.parse(await Deno.readTextFile(join(dir, "scores.json"))));
  const measures = tests.length > 0 ? MEASURES[tests[0].protocol] : [];
  const logs = await Promise.all(source.trainings.map(async (training) => {
    const log = emptyLog();
    appendMetrics(log, await Deno.readTextFile(join(training.dir, "metrics.jsonl")).catch(() => ""));
    return { name: source.trainings.length > 1 ? `${name}, ${training.name}` : name, log };
  }));
  return {
    name,
    folder,
    experiment: source.experiment,
    state: source.outcome.state,
    tests,
    figures: Object.fromEntries(measures.map((measure) => [measure, spread(tests.map((one) => one[measure] ?? null))])),
    logs: logs.filter(({ log }) => log.steps.length > 0),
    settings: await settingsOf(source, tests),
    configuration: source.record && flatSettings(Object.values(source.record.configuration ?? {})[0]),
  };
}

/** What the results say of the run, and the parameters of its training. */
async function settingsOf({ record, trainings }: FoundRun["source"], tests: readonly Scores[]): Promise<Settings> {
  const manifest = trainings[0] && await readManifest(trainings[0].dir);
  const { network, training, seed } = (manifest?.parameters ?? {}) as Record<string, unknown>;
  const [first] = tests;
  return {
    ...flatSettings({ network, training, seed }),
    ...flatSettings({ seed: record?.seed, adapter: manifest?.versions.adapter ?? record?.versions.adapter }),
    ...(first
      ? flatSettings({
        setting: first.setting,
        protocol: first.protocol,
        step: first.step,
        shots: first.shots,
        folds: tests.map(({ fold }) => fold),
        supports: tests.map(({ supports }) => supports.join(", ")),
      })
      : {}),
  };
}
