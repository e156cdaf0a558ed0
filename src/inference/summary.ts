import type { Pair, Scores } from "./results.ts";

/** Mean and standard deviation over folds. */
export interface Spread {
  /** Mean of the folds where it is defined; `null` where it is nowhere. */
  mean: number | null;
  /** Standard deviation of a sample, n − 1 in the denominator; `null` for fewer than two folds. */
  sd: number | null;
  /** The values, by fold in order. */
  folds: (number | null)[];
}

/** Spread of Dice and of IoU. */
export interface SpreadPair {
  /** In 0..1. */
  dice: Spread;
  /** In 0..1. */
  iou: Spread;
}

/** `summary.json`: all folds of a run. */
export interface Summary extends SpreadPair, Pick<Scores, "experiment" | "dataset" | "setting" | "protocol"> {
  /** What each fold was. */
  folds: Pick<Scores, "fold" | "support" | "step">[];
  /** Every class, over the folds. */
  classes: Record<string, SpreadPair & { label: number }>;
  /** Both baselines, over the folds. */
  baselines: Record<keyof Scores["baselines"], SpreadPair>;
}

/** Mean and standard deviation; `null` values are left out. */
export function spread(folds: readonly (number | null)[]): Spread {
  const known = folds.filter((value) => value !== null);
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  const squares = known.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return {
    mean: known.length > 0 ? mean : null,
    sd: known.length > 1 ? Math.sqrt(squares / (known.length - 1)) : null,
    folds: [...folds],
  };
}

function spreadPair(pairs: readonly Pair[]): SpreadPair {
  return { dice: spread(pairs.map(({ dice }) => dice)), iou: spread(pairs.map(({ iou }) => iou)) };
}

/** Puts the scores of several folds together. */
export function summarize(folds: readonly Scores[]): Summary {
  const [{ experiment, dataset, setting, protocol, classes }] = folds;
  const ofClass = (name: string) => spreadPair(folds.map((fold) => fold.classes[name]));
  const ofBaseline = (name: keyof Scores["baselines"]) => spreadPair(folds.map((fold) => fold.baselines[name]));
  return {
    experiment,
    dataset,
    setting,
    protocol,
    folds: folds.map(({ fold, support, step }) => ({ fold, support, step })),
    classes: Object.fromEntries(
      Object.entries(classes).map(([name, { label }]) => [name, { label, ...ofClass(name) }]),
    ),
    ...spreadPair(folds),
    baselines: { copy: ofBaseline("copy"), interval: ofBaseline("interval") },
  };
}

/** Rows of the table: every class, their mean, both baselines. */
function rowsOf(summary: Summary): [name: string, scores: SpreadPair][] {
  return [
    ...Object.entries(summary.classes),
    ["mean", summary],
    ["copied mask", summary.baselines.copy],
    ["intensity interval", summary.baselines.interval],
  ];
}

const figure = (value: number | null) => value === null ? "–" : (100 * value).toFixed(2);

function description({ experiment, setting, protocol, folds }: Summary): string {
  return `${experiment}, ${folds.length} folds, Setting ${setting}, protocol ${protocol}: Dice in percent, ` +
    "and mean and standard deviation (of a sample) of the folds";
}

/** `summary.md`. */
export function summaryMarkdown(summary: Summary): string {
  const of = ({ mean, sd }: Spread) => `${figure(mean)} ± ${figure(sd)}`;
  const heads = ["", ...summary.folds.map(({ fold }) => `fold ${fold}`), "Dice", "IoU"];
  const lines = rowsOf(summary).map(([name, { dice, iou }]) => [name, ...dice.folds.map(figure), of(dice), of(iou)]);
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const table = [line(heads), line(heads.map(() => "---")), ...lines.map(line)];
  return `# ${summary.experiment}, all folds\n\n${description(summary)}.\n\n${table.join("\n")}\n`;
}

/** `summary.csv`: a line for every row and measure, values in 0..1, empty where undefined. */
export function summaryCsv(summary: Summary): string {
  const quoted = (text: string) => /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  const heads = ["name", "measure", ...summary.folds.map(({ fold }) => `fold ${fold}`), "mean", "sd"];
  const lines = rowsOf(summary).flatMap(([name, scores]) =>
    (["dice", "iou"] as const).map((measure) => {
      const { folds, mean, sd } = scores[measure];
      return [quoted(name), measure, ...[...folds, mean, sd].map((value) => value ?? "")];
    })
  );
  return [heads, ...lines].map((cells) => cells.join(",")).join("\n") + "\n";
}

/** `summary.tex`: a `tabular` of the booktabs package. */
export function summaryLatex(summary: Summary): string {
  const escaped = (text: string) => text.replace(/[&%$#_{}]/g, "\\$&");
  const of = ({ mean, sd }: Spread) => `$${figure(mean)} \\pm ${figure(sd)}$`.replaceAll("–", "-");
  const heads = ["", ...summary.folds.map(({ fold }) => `fold ${fold}`), "Dice", "IoU"];
  const lines = rowsOf(summary).map(([name, { dice, iou }]) => {
    return [escaped(name), ...dice.folds.map((value) => figure(value).replace("–", "-")), of(dice), of(iou)];
  });
  const line = (cells: readonly string[]) => `${cells.join(" & ")} \\\\`;
  return [
    `% ${description(summary)}`,
    `\\begin{tabular}{l${"r".repeat(heads.length - 1)}}`,
    "\\toprule",
    line(heads),
    "\\midrule",
    ...lines.map(line),
    "\\bottomrule",
    "\\end{tabular}",
    "",
  ].join("\n");
}
