import { type Counts, meanOf, score } from "../fewshot/scores.ts";

/** What was measured of one class in one case. */
export interface Measured {
  /** Slices that were tested. */
  slices: number;
  /** Voxel counts. */
  counts: { network: Counts; copy: Counts; interval: Counts };
}

/** Dice and IoU. */
export interface Pair {
  /** In 0..1, `null` where undefined. */
  dice: number | null;
  /** Likewise. */
  iou: number | null;
}

/** `scores.json` (contract, artifacts). */
export interface Scores extends Pair {
  /** Name of the experiment. */
  experiment: string;
  /** Name of the data set. */
  dataset: string;
  /** Cross-validation fold. */
  fold: number;
  /** Published setting. */
  setting: number;
  /** Test protocol. */
  protocol: string;
  /** Id of the support case. */
  support: string;
  /** Training step of the tested snapshot. */
  step: number;
  /** Scores of every class. */
  classes: Record<string, Pair & { label: number; cases: Record<string, Pair & { slices: number }> }>;
  /** Scores of both baselines, computed in the same run. */
  baselines: { copy: Pair; interval: Pair };
}

/** What a run was, for its results. */
export type RunDescription = Pick<
  Scores,
  "experiment" | "dataset" | "fold" | "setting" | "protocol" | "support" | "step"
>;

type ClassMeasures = { name: string; label: number; cases: ReadonlyMap<string, Measured> };

/** Means over cases, then over classes (preprocessing reference, metrics). */
export function makeScores(about: RunDescription, classes: readonly ClassMeasures[]): Scores {
  const result: Scores["classes"] = {};
  for (const { name, label, cases } of classes) {
    const scored = Object.fromEntries(
      [...cases].map(([id, { counts, slices }]) => [id, { ...score(counts.network), slices }]),
    );
    result[name] = { label, cases: scored, ...meanPair(Object.values(scored)) };
  }
  return {
    ...about,
    classes: result,
    ...meanPair(Object.values(result)),
    baselines: { copy: baseline(classes, "copy"), interval: baseline(classes, "interval") },
  };
}

function meanPair(list: readonly Pair[]): Pair {
  return { dice: meanOf(list.map(({ dice }) => dice)), iou: meanOf(list.map(({ iou }) => iou)) };
}

function baseline(classes: readonly ClassMeasures[], which: "copy" | "interval"): Pair {
  return meanPair(classes.map(({ cases }) => meanPair([...cases.values()].map(({ counts }) => score(counts[which])))));
}

/** `results.md`: the table of a run, with both baselines. */
export function resultsTable(scores: Scores, classes: readonly ClassMeasures[]): string {
  const figure = (value: number | null) => value === null ? "–" : (100 * value).toFixed(2);
  const lines = [
    `# ${scores.experiment}, fold ${scores.fold}`,
    "",
    `Setting ${scores.setting}, protocol ${scores.protocol}, support case ${scores.support}, step ${scores.step}. ` +
    "Dice and IoU in percent; means over the query cases, then over the classes.",
    "",
    "| class | cases | Dice | IoU | copied mask, Dice | intensity interval, Dice |",
    "| --- | --- | --- | --- | --- | --- |",
  ];
  for (const one of classes) {
    const { dice, iou, cases } = scores.classes[one.name];
    const other = (which: "copy" | "interval") => figure(baseline([one], which).dice);
    const count = Object.keys(cases).length;
    lines.push(
      `| ${one.name} | ${count} | ${figure(dice)} | ${figure(iou)} | ${other("copy")} | ${other("interval")} |`,
    );
  }
  const { copy, interval } = scores.baselines;
  lines.push(
    `| **mean** | | **${figure(scores.dice)}** | **${figure(scores.iou)}** | ${figure(copy.dice)} | ${
      figure(interval.dice)
    } |`,
  );
  return lines.join("\n") + "\n";
}
