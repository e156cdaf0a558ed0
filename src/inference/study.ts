import { meanOf } from "../fewshot/scores.ts";
import type { Scores } from "./results.ts";
import { type Spread, spread, summarize, type Summary } from "./summary.ts";

/** A run of a study with its scores. */
export interface StudyRun {
  /** Its seed, which the scores do not name. */
  seed: number;
  /** What it came to. */
  scores: Scores;
}

/** The runs of one data set, setting and protocol: spreads are over folds and seeds. */
export interface StudyGroup extends Omit<Summary, "folds"> {
  /** What each run was, in the order of the values of a {@link Spread}. */
  runs: (Summary["folds"][number] & { seed: number })[];
  /** Dice of every seed, the mean over its folds, and the spread of these; `null` of one seed. */
  overSeeds: (Spread & { seeds: number[] }) | null;
}

/** `study.json`: the runs of several settings, protocols, seeds or data sets. */
export interface Study {
  /** In the order in which their first runs were asked for. */
  groups: StudyGroup[];
}

/** Puts the runs of a study together, group by group. */
export function studyOf(runs: readonly StudyRun[]): Study {
  const groups = new Map<string, StudyRun[]>();
  for (const run of runs) {
    const { experiment, dataset, setting, protocol } = run.scores;
    const name = JSON.stringify([experiment, dataset, setting, protocol]);
    groups.set(name, [...groups.get(name) ?? [], run]);
  }
  return { groups: [...groups.values()].map(groupOf) };
}

function groupOf(runs: readonly StudyRun[]): StudyGroup {
  const { folds, ...summary } = summarize(runs.map(({ scores }) => scores));
  const seeds = [...new Set(runs.map(({ seed }) => seed))];
  const means = seeds.map((one) => {
    return meanOf(runs.filter(({ seed }) => seed === one).map(({ scores }) => scores.dice));
  });
  return {
    ...summary,
    runs: folds.map((fold, i) => ({ ...fold, seed: runs[i].seed })),
    overSeeds: seeds.length > 1 ? { ...spread(means), seeds } : null,
  };
}
