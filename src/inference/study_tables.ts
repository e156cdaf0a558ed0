import { MEASURES, PROTOCOL_MEANING } from "./protocol.ts";
import { PUBLISHED_CLASSES } from "./published_results.ts";
import { csvCell, markdownTable, MEASURE_NAMES, measureMeaning } from "./results_tables.ts";
import type { Study, StudyGroup } from "./study.ts";
import type { Spread, SpreadFigures } from "./summary.ts";
import {
  latexTable,
  latexText,
  meanAndDeviation,
  NAMES,
  orderedClasses,
  printedCells,
  summaryNotes,
} from "./summary_tables.ts";

const METHODS = ["run", "copy", "interval"] as const;

/** Figures of a method in a group: of the whole, and of every class. */
function figuresOf(group: StudyGroup, method: typeof METHODS[number]): SpreadFigures & { classes: Classes } {
  return method === "run" ? group : group.baselines[method];
}

type Classes = Record<string, SpreadFigures>;

/** A row a group: how many runs, mean and deviation over them, and both baselines. */
export function studyTable({ groups }: Study): string[][] {
  const measures = MEASURES[groups.some(({ protocol }) => protocol === "volume") ? "volume" : "published"];
  const severalSeeds = groups.some(({ overSeeds }) => overSeeds);
  return [
    [
      ...["data set", "Setting", "protocol", "runs"],
      ...measures.map((measure) => MEASURE_NAMES[measure]),
      ...(severalSeeds ? ["Dice of seeds"] : []),
      ...[NAMES.copy, NAMES.interval],
    ],
    ...groups.map((group) => [
      ...[group.dataset, String(group.setting), group.protocol, runsInWords(group)],
      ...measures.map((measure) => meanAndDeviation(group[measure], measure)),
      ...(severalSeeds ? [meanAndDeviation(group.overSeeds ?? undefined, "dice")] : []),
      ...[group.baselines.copy, group.baselines.interval].map(({ dice }) => meanAndDeviation(dice, "dice")),
    ]),
  ];
}

function runsInWords({ runs }: StudyGroup): string {
  const count = (of: readonly number[]) => new Set(of).size;
  const [folds, seeds] = [count(runs.map(({ fold }) => fold)), count(runs.map(({ seed }) => seed))];
  if (seeds === 1) return `${folds} ${folds === 1 ? "fold" : "folds"}`;
  return `${folds} ${folds === 1 ? "fold" : "folds"} × ${seeds} seeds`;
}

/** Dice of every class, a table a data set and setting: protocols and baselines, then what is printed. */
function classTables({ groups }: Study): { title: string; rows: string[][]; ours: number; notes: string[] }[] {
  const titles = [...new Set(groups.map(titleOf))];
  return titles.map((title) => {
    const ofTitle = groups.filter((group) => titleOf(group) === title);
    const { comparison } = ofTitle[0];
    const names = comparison ? [...PUBLISHED_CLASSES] : [...new Set(ofTitle.flatMap((group) => orderedClasses(group)))];
    const ours = ofTitle.flatMap((group) =>
      METHODS.map((method) => {
        const { classes, dice } = figuresOf(group, method);
        const mean = comparison ? group.comparison?.ours[method].mean ?? undefined : dice;
        return [
          `${group.protocol}: ${NAMES[method]}`,
          ...names.map((name) => meanAndDeviation(classes[name]?.dice, "dice")),
          meanAndDeviation(mean, "dice"),
        ];
      })
    );
    const printed = comparison?.published.map(printedCells) ?? [];
    const notes = [...new Set(ofTitle.flatMap((group) => summaryNotes(group)))];
    return { title, rows: [["", ...names, "mean"], ...ours, ...printed], ours: ours.length, notes };
  });
}

function titleOf({ experiment, dataset, setting }: StudyGroup): string {
  return `${dataset}${experiment === dataset.toLowerCase() ? "" : ` (${experiment})`}, Setting ${setting}`;
}

function description({ groups }: Study): string {
  const protocols = [...new Set(groups.map(({ protocol }) => protocol))];
  return [
    "Mean ± standard deviation (of a sample) over folds and seeds.",
    ...protocols.map((protocol) => PROTOCOL_MEANING[protocol]),
    `${measureMeaning(protocols.includes("volume") ? "volume" : "published")}.`,
    ...(groups.some(({ overSeeds }) => overSeeds)
      ? ["Dice of seeds: each seed's mean over its folds, and the deviation between seeds."]
      : []),
  ].join(" ");
}

/** `study.md`. */
export function studyMarkdown(study: Study): string {
  return [
    "# All runs",
    description(study),
    markdownTable(studyTable(study)),
    ...classTables(study).flatMap(({ title, rows, notes }) => [`## ${title}`, markdownTable(rows), ...notes]),
  ].join("\n\n") + "\n";
}

/** `study.csv`: a line for every group, method, class and measure. Dice and IoU in 0..1, distances in mm. */
export function studyCsv({ groups }: Study): string {
  const heads = ["experiment", "dataset", "setting", "protocol", "method", "class", "measure", "runs"];
  return csv([
    [...heads, "mean", "sd", "smallest", "largest"],
    ...rowsOf(groups, ({ mean, sd, smallest, largest, folds }) => [[folds.length, mean, sd, smallest, largest]]),
  ]);
}

/** `runs.csv`: the same value by value, with the fold, seed, support and step of each. */
export function runsCsv({ groups }: Study): string {
  const heads = ["experiment", "dataset", "setting", "protocol", "method", "class", "measure"];
  return csv([
    [...heads, "seed", "fold", "support", "step", "value"],
    ...rowsOf(groups, ({ folds }, { runs }) => {
      return runs.map(({ seed, fold, support, step }, i) => [seed, fold, support, step, folds[i]]);
    }),
  ]);
}

type Cells = (string | number | null)[];

function rowsOf(groups: readonly StudyGroup[], cells: (spread: Spread, group: StudyGroup) => Cells[]): Cells[] {
  return groups.flatMap((group) =>
    METHODS.flatMap((method) => {
      const whole = figuresOf(group, method);
      const named = [
        ...orderedClasses(group).map((name) => [name, whole.classes[name]] as const),
        ["mean", whole] as const,
      ];
      return named.flatMap(([name, figures]) =>
        MEASURES[group.protocol].flatMap((measure) => {
          const { experiment, dataset, setting, protocol } = group;
          const about = [experiment, dataset, setting, protocol, NAMES[method], name, measure];
          return cells(figures[measure]!, group).map((values) => [...about, ...values]);
        })
      );
    })
  );
}

function csv(rows: readonly Cells[]): string {
  return rows.map((cells) => cells.map((cell) => csvCell(cell ?? "")).join(",")).join("\n") + "\n";
}

/** `study.tex`: a `tabular` of the booktabs package for the whole, and one for each data set and setting. */
export function studyLatex(study: Study): string {
  const table = studyTable(study);
  return [
    `% ${description(study)}`,
    ...latexTable(table, table.length - 1),
    ...classTables(study).flatMap(({ title, rows, ours, notes }) => [
      "",
      `% ${title}`,
      ...latexTable(rows, ours),
      ...notes.map((note) => `\\par{\\footnotesize ${latexText(note)}\\par}`),
    ]),
    "",
  ].join("\n");
}
