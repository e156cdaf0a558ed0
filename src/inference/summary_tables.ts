import { type Measure, MEASURES, PROTOCOL_MEANING } from "./protocol.ts";
import { OWN_METHOD, PUBLISHED_CLASSES, type PublishedResult } from "./published_results.ts";
import { csvCell, markdownTable, MEASURE_NAMES, measureMeaning, shown } from "./results_tables.ts";
import type { Comparison, Spread, SpreadFigures, Summary } from "./summary.ts";

/** How the run and its baselines are called in tables. */
export const NAMES = { run: "this run", copy: "copied mask", interval: "intensity interval" } as const;

/** Marks a printed mean that does not follow from its row. */
const MEAN_MARK = "†";

/** Marks a printed row that has a note. */
const NOTE_MARK = "‡";

/** Classes in the order of the printed tables where there are any, else by label. */
export function orderedClasses({ classes, comparison }: Pick<Summary, "classes" | "comparison">): string[] {
  const names = Object.keys(classes);
  if (!comparison) return names;
  return [
    ...PUBLISHED_CLASSES.filter((name) => name in classes),
    ...names.filter((n) => !PUBLISHED_CLASSES.includes(n)),
  ];
}

/** Every class, their mean, both baselines. */
function rowsOf(summary: Summary): [name: string, figures: SpreadFigures][] {
  return [
    ...orderedClasses(summary).map((name): [string, SpreadFigures] => [name, summary.classes[name]]),
    ["mean", summary],
    [NAMES.copy, summary.baselines.copy],
    [NAMES.interval, summary.baselines.interval],
  ];
}

/** Mean and deviation as tables show them; a dash where there is nothing. */
export function meanAndDeviation(spread: Spread | undefined, measure: Measure): string {
  return spread ? `${shown(spread.mean, measure)} ± ${shown(spread.sd, measure)}` : "–";
}

/** The table over folds: Dice of every fold, of the worst and the best one, then mean and deviation of every measure. */
function foldTable(summary: Summary): string[][] {
  const measures = MEASURES[summary.protocol];
  return [
    [
      "",
      ...summary.folds.map(({ fold }) => `fold ${fold}`),
      "smallest",
      "largest",
      ...measures.map((measure) => MEASURE_NAMES[measure]),
    ],
    ...rowsOf(summary).map(([name, figures]) => [
      name,
      ...[...figures.dice.folds, figures.dice.smallest, figures.dice.largest].map((value) => shown(value, "dice")),
      ...measures.map((measure) => meanAndDeviation(figures[measure], measure)),
    ]),
  ];
}

/** The run beside the printed rows, in the columns of the printed table. */
function comparisonTable({ ours, published }: Comparison): string[][] {
  const cell = (value: Spread | null | undefined) => meanAndDeviation(value ?? undefined, "dice");
  return [
    ["", ...PUBLISHED_CLASSES, "mean"],
    ...(["run", "copy", "interval"] as const).map((which) => [
      NAMES[which],
      ...PUBLISHED_CLASSES.map((name) => cell(ours[which].classes[name])),
      cell(ours[which].mean),
    ]),
    ...published.map(printedCells),
  ];
}

/** A printed row, in the columns of the printed table. */
export function printedCells(row: PublishedResult): string[] {
  return [
    printedName(row),
    ...PUBLISHED_CLASSES.map((name) => row.dice[name].toFixed(2)),
    row.mean.toFixed(2) + (row.isConsistent ? "" : ` ${MEAN_MARK}`),
  ];
}

function printedName({ method, year, note }: PublishedResult): string {
  const name = method === OWN_METHOD ? `${method}, as printed` : year === undefined ? method : `${method} (${year})`;
  return note === undefined ? name : `${name} ${NOTE_MARK}`;
}

function description(summary: Summary): string {
  const { dataset, setting, protocol, folds } = summary;
  const steps = [...new Set(folds.map(({ step }) => step))];
  return `${dataset}, ${folds.length} folds, Setting ${setting}, step ${steps.join(", ")}. ${
    PROTOCOL_MEANING[protocol]
  } ` +
    `${
      measureMeaning(protocol)
    }. Smallest and largest are Dice of the worst and the best fold; the last columns are mean ` +
    "and standard deviation (of a sample) over the folds.";
}

/** What a reader has to know of the comparison, a sentence or two each. */
export function summaryNotes(
  { comparison, dataset, setting, protocol }: Pick<Summary, "comparison" | "dataset" | "setting" | "protocol">,
): string[] {
  if (!comparison) {
    return [`Nothing is published on ${dataset} in Setting ${setting} that could stand beside these figures.`];
  }
  const notes = [
    "Dice in percent. The printed figures are usually read as means over the five folds; the published code does not say so.",
  ];
  if (protocol === "volume") {
    notes.push(
      "Caution: the printed figures are by protocol `published`, on slices that show the class, and on other folds; those of " +
        "this run are by protocol `volume`, on every slice. Only `--protocol published` gives figures to compare with them.",
    );
  }
  const untested = PUBLISHED_CLASSES.filter((name) => !(name in comparison.ours.run.classes));
  if (untested.length > 0) notes.push(`Not tested in this run: ${untested.join(", ")}.`);
  const wrong = comparison.published.filter(({ isConsistent }) => !isConsistent)
    .map(({ method, mean, meanOfClasses }) =>
      `${method} ${mean.toFixed(2)} (its classes: ${meanOfClasses.toFixed(2)})`
    );
  if (wrong.length > 0) notes.push(`${MEAN_MARK} Printed mean that does not follow from its row: ${wrong.join(", ")}.`);
  for (const { method, source, note } of comparison.published) {
    if (note !== undefined) notes.push(`${NOTE_MARK} ${method}, ${source}: ${note}.`);
  }
  notes.push(`Printed figures are from: ${sourcesOf(comparison.published)}.`);
  return notes;
}

/** Where rows are printed: each source with the methods that are taken from it. */
function sourcesOf(published: readonly PublishedResult[]): string {
  const sources = new Map<string, string[]>();
  for (const { method, source } of published) sources.set(source, [...sources.get(source) ?? [], method]);
  return [...sources].map(([source, methods]) => `${source} (${methods.join(", ")})`).join("; ");
}

/** `summary.md`. */
export function summaryMarkdown(summary: Summary): string {
  return [
    `# ${summary.experiment}, all folds`,
    description(summary),
    markdownTable(foldTable(summary)),
    "## Beside the published results",
    ...(summary.comparison ? [markdownTable(comparisonTable(summary.comparison))] : []),
    ...summaryNotes(summary),
  ].join("\n\n") + "\n";
}

/**
 * `summary.csv`: a line for every method, class and measure. Dice and IoU in 0..1, distances in mm, empty where undefined; a
 * printed figure stands as the mean.
 */
export function summaryCsv(summary: Summary): string {
  const lines: (string | number | null)[][] = [
    [
      ...["method", "year", "class", "measure", ...summary.folds.map(({ fold }) => `fold ${fold}`)],
      ...["mean", "sd", "smallest", "largest", "source", "note"],
    ],
  ];
  const names = orderedClasses(summary);
  for (const which of ["run", "copy", "interval"] as const) {
    const whole = which === "run" ? summary : summary.baselines[which];
    for (
      const [name, figures] of [...names.map((name) => [name, whole.classes[name]] as const), ["mean", whole] as const]
    ) {
      for (const measure of MEASURES[summary.protocol]) {
        const { folds, mean, sd, smallest, largest } = figures[measure]!;
        lines.push([NAMES[which], "", name, measure, ...folds, mean, sd, smallest, largest, "", ""]);
      }
    }
  }
  const blank = summary.folds.map(() => "");
  const note = summary.protocol === "volume" ? "by protocol published: not comparable" : "";
  for (const row of summary.comparison?.published ?? []) {
    const { method, year, dice, mean, meanOfClasses, isConsistent, source } = row;
    const add = (name: string, percent: number, ...notes: string[]) => {
      const text = [note, row.note ?? "", ...notes].filter((one) => one !== "").join("; ");
      const figure = (percent / 100).toFixed(4);
      lines.push([`${method} (printed)`, year ?? "", name, "dice", ...blank, figure, "", "", "", source, text]);
    };
    for (const name of PUBLISHED_CLASSES) add(name, dice[name]);
    add(
      "mean",
      mean,
      isConsistent ? "" : `does not follow from its classes, which give ${(meanOfClasses / 100).toFixed(4)}`,
    );
  }
  return lines.map((cells) => cells.map((cell) => csvCell(cell ?? "")).join(",")).join("\n") + "\n";
}

/** `summary.tex`: a `tabular` of the booktabs package, a second one for the comparison where there is any, and its notes. */
export function summaryLatex(summary: Summary): string {
  const { comparison } = summary;
  return [
    `% ${description(summary)}`,
    ...latexTable(foldTable(summary), Object.keys(summary.classes).length),
    "",
    // the rule stands below the run and its baselines
    ...(comparison ? latexTable(comparisonTable(comparison), Object.keys(comparison.ours).length) : []),
    ...summaryNotes(summary).map((note) => `\\par{\\footnotesize ${latexText(note)}\\par}`),
    "",
  ].join("\n");
}

/**
 * A `tabular` of the booktabs package.
 *
 * @param group rows before a rule of their own
 */
export function latexTable([heads, ...rows]: string[][], group: number): string[] {
  const line = (cells: readonly string[]) => `${cells.map(latexText).join(" & ")} \\\\`;
  return [
    `\\begin{tabular}{l${"r".repeat(heads.length - 1)}}`,
    "\\toprule",
    line(heads),
    "\\midrule",
    ...rows.slice(0, group).map(line),
    ...(rows.length > group ? ["\\midrule", ...rows.slice(group).map(line)] : []),
    "\\bottomrule",
    "\\end{tabular}",
  ];
}

/** Text as LaTeX takes it. */
export function latexText(text: string): string {
  const escapes: Record<string, string> = {
    "\\": "\\textbackslash{}",
    "~": "\\textasciitilde{}",
    "^": "\\textasciicircum{}",
  };
  return text.replace(/[&%$#_{}\\~^]/g, (character) => escapes[character] ?? `\\${character}`)
    .replace(/ ± /g, " $\\pm$ ").replace(/–/g, "--")
    .replace(RegExp(` ?${MEAN_MARK}`), "\\textsuperscript{\\dag}")
    .replace(RegExp(` ?${NOTE_MARK}`), "\\textsuperscript{\\ddag}")
    .replace(/`([^`]*)`/g, "\\texttt{$1}");
}
