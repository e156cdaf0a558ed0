import { meanOf } from "../fewshot/scores.ts";
import { type Figures, type Measure, MEASURES, type Protocol, type Segmenter } from "./protocol.ts";

/** What was measured of one class in one case. */
export interface Measured {
  /** Number of slices that were tested. */
  slices: number;
  /** How well each did, the network with the first number of shots. */
  figures: Record<Segmenter, Figures>;
  /** How well the network did, by number of shots. */
  byShots: ReadonlyMap<number, Figures>;
}

/** Names of the baselines. */
export type Baseline = Exclude<Segmenter, "network">;

/** `scores.json` (docs/file-formats.md, "`scores.json`"). */
export type Scores = RunDescription & Figures & {
  /** Scores of every class: means over its cases. */
  classes: Record<string, Figures & { label: number; cases: Record<string, Figures & { slices: number }> }>;
  /** Scores by number of shots, where there are several: that of the whole and of every class. */
  byShots?: Record<string, Figures & { classes: Record<string, Figures> }>;
  /** Scores of both baselines, computed in the same run. */
  baselines: Record<Baseline, Figures & { classes: Record<string, Figures> }>;
};

/** What a run was, for its results. */
export interface RunDescription {
  /** Name of the experiment. */
  experiment: string;
  /** Name of the data set. */
  dataset: string;
  /** Cross-validation fold. */
  fold: number;
  /** Published setting. */
  setting: number;
  /** Test protocol. */
  protocol: Protocol;
  /** Id of the support case, the first if there are several. */
  support: string;
  /** Numbers of shots that were tested; all other scores are of the first. */
  shots: readonly number[];
  /** Ids of all support cases: with K shots the first K. */
  supports: readonly string[];
  /** Training step of the tested snapshot. */
  step: number;
  /** Whether only the largest component of each of the network's masks was kept. */
  largest?: true;
}

/** The cases of a class, without those that were not tested. */
export interface ClassMeasures {
  /** Name of the class. */
  name: string;
  /** Its label value. */
  label: number;
  /** By case id. */
  cases: ReadonlyMap<string, Measured>;
}

/** Means over cases, then over classes; undefined values are left out (docs/reference/preprocessing.md, 13). */
export function makeScores(about: RunDescription, classes: readonly ClassMeasures[]): Scores {
  const mean = (list: readonly Figures[]) => meanFigures(list, MEASURES[about.protocol]);
  const result: Scores["classes"] = {};
  for (const { name, label, cases } of classes) {
    const ofCases = Object.fromEntries(
      [...cases].map(([id, { figures, slices }]) => [id, { ...figures.network, slices }]),
    );
    result[name] = { label, cases: ofCases, ...mean(Object.values(ofCases)) };
  }
  const baseline = (which: Baseline) => {
    const ofClasses = Object.fromEntries(
      classes.map(({ name, cases }) => [name, mean([...cases.values()].map(({ figures }) => figures[which]))]),
    );
    return { ...mean(Object.values(ofClasses)), classes: ofClasses };
  };
  const withShots = (count: number) => {
    const ofClasses = Object.fromEntries(
      classes.map(({ name, cases }) => [name, mean([...cases.values()].map(({ byShots }) => byShots.get(count)!))]),
    );
    return { ...mean(Object.values(ofClasses)), classes: ofClasses };
  };
  return {
    ...about,
    classes: result,
    ...mean(Object.values(result)),
    ...(about.shots.length > 1
      ? { byShots: Object.fromEntries(about.shots.map((count) => [count, withShots(count)])) }
      : {}),
    baselines: { copy: baseline("copy"), interval: baseline("interval") },
  };
}

function meanFigures(list: readonly Figures[], measures: readonly Measure[]): Figures {
  return Object.fromEntries(
    measures.map((measure) => [measure, meanOf(list.map((figures) => figures[measure] ?? null))]),
  ) as unknown as Figures;
}
