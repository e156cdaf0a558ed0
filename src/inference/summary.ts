import { meanOf } from "../fewshot/scores.ts";
import { type Figures, type Measure, MEASURES } from "./protocol.ts";
import { PUBLISHED_CLASSES, type PublishedResult, publishedResults } from "./published_results.ts";
import type { Baseline, Scores } from "./results.ts";

/** Mean, standard deviation and ends over folds. */
export interface Spread {
  /** Mean of the folds where it is defined; `null` where it is nowhere. */
  mean: number | null;
  /** Standard deviation of a sample, n − 1 in the denominator; `null` for fewer than two folds. */
  sd: number | null;
  /** Of the worst fold where larger is better; `null` where it is defined nowhere. */
  smallest: number | null;
  /** Of the best fold where larger is better; `null` where it is defined nowhere. */
  largest: number | null;
  /** The values, by fold in order. */
  folds: (number | null)[];
}

/** Spread of every measure of the protocol. */
export type SpreadFigures = Record<"dice" | "iou", Spread> & { hd95Mm?: Spread; assdMm?: Spread };

/** `summary.json`: all folds of a run. */
export interface Summary extends SpreadFigures, Pick<Scores, "experiment" | "dataset" | "setting" | "protocol"> {
  /** What each fold was. */
  folds: Pick<Scores, "fold" | "support" | "step">[];
  /** Every class, over the folds. */
  classes: Record<string, SpreadFigures & { label: number }>;
  /** Both baselines, over the folds. */
  baselines: Record<Baseline, SpreadFigures & { classes: Record<string, SpreadFigures> }>;
  /** The run beside what is printed on the data set; `null` where nothing is. */
  comparison: Comparison | null;
}

/** Rows of a table with the columns of the printed ones. */
export interface Comparison {
  /** The run and its baselines, Dice in 0..1; a class that was not tested is missing. */
  ours: Record<"run" | Baseline, { classes: Record<string, Spread>; mean: Spread | null }>;
  /** The printed rows, Dice in percent. */
  published: PublishedResult[];
}

/** Mean, standard deviation, smallest and largest; `null` values are left out. */
export function spread(folds: readonly (number | null)[]): Spread {
  const known = folds.filter((value) => value !== null);
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  const squares = known.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return {
    mean: known.length > 0 ? mean : null,
    sd: known.length > 1 ? Math.sqrt(squares / (known.length - 1)) : null,
    smallest: known.length > 0 ? Math.min(...known) : null,
    largest: known.length > 0 ? Math.max(...known) : null,
    folds: [...folds],
  };
}

/** Puts the scores of several folds together. */
export function summarize(folds: readonly Scores[]): Summary {
  const [{ experiment, dataset, setting, protocol }] = folds;
  // a fold whose support does not show a class has no figures of it
  const labels = new Map(
    folds.flatMap(({ classes }) => Object.entries(classes).map(([name, { label }]) => [name, label])),
  );
  const names = [...labels.keys()];
  const of = (pick: (fold: Scores) => Figures | undefined) => spreadFigures(folds.map(pick), MEASURES[protocol]);
  const ofBaseline = (which: Baseline) => ({
    ...of((fold) => fold.baselines[which]),
    classes: Object.fromEntries(names.map((name) => [name, of((fold) => fold.baselines[which].classes[name])])),
  });
  const result: Omit<Summary, "comparison"> = {
    experiment,
    dataset,
    setting,
    protocol,
    folds: folds.map(({ fold, support, step }) => ({ fold, support, step })),
    classes: Object.fromEntries(
      names.map((name) => [name, { label: labels.get(name)!, ...of((fold) => fold.classes[name]) }]),
    ),
    ...of((fold) => fold),
    baselines: { copy: ofBaseline("copy"), interval: ofBaseline("interval") },
  };
  return { ...result, comparison: compareWithPublished(result) };
}

function spreadFigures(list: readonly (Figures | undefined)[], measures: readonly Measure[]): SpreadFigures {
  return Object.fromEntries(
    measures.map((measure) => [measure, spread(list.map((figures) => figures?.[measure] ?? null))]),
  ) as unknown as SpreadFigures;
}

/** Only for the experiment of the published data set: a user's own data may bear its name. */
function compareWithPublished({ experiment, dataset, setting, classes, baselines }: Omit<Summary, "comparison">) {
  const published = experiment === dataset.toLowerCase() ? publishedResults(dataset, setting) : [];
  if (published.length === 0) return null;
  const row = (of: Record<string, SpreadFigures>) => {
    const tested = PUBLISHED_CLASSES.filter((name) => name in of);
    const folds = of[tested[0]]?.dice.folds ?? [];
    const means = folds.map((_, fold) => meanOf(tested.map((name) => of[name].dice.folds[fold])));
    return {
      classes: Object.fromEntries(tested.map((name) => [name, of[name].dice])),
      // a mean of other classes than theirs would stand beside the wrong figure
      mean: tested.length === PUBLISHED_CLASSES.length ? spread(means) : null,
    };
  };
  const ours = { run: row(classes), copy: row(baselines.copy.classes), interval: row(baselines.interval.classes) };
  return { ours, published };
}
