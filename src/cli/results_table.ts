import { styleText } from "node:util";
import stringWidth from "string-width";
import type { Figures, Measure } from "../inference/protocol.ts";
import { MEASURES } from "../inference/protocol.ts";
import type { Scores } from "../inference/results.ts";
import { MEASURE_NAMES, shown } from "../inference/results_tables.ts";
import type { Spread, SpreadFigures, Summary } from "../inference/summary.ts";

/** What a terminal shows. */
export interface TerminalForm {
  /** Its width. */
  columns: number;
  /** Whether it shows colours. */
  colour: boolean;
}

/** Classes beyond which only the worst and the best are shown. */
const MOST_CLASSES = 30, WORST_SHOWN = 12, BEST_SHOWN = 4;

interface Cell {
  text: string;
  style?: "green" | "yellow" | "red" | "bold" | "dim";
}

interface Column {
  head: string;
  /** The larger, the earlier it is left out where there is no room; 0 always stays. */
  expendable: number;
  cell(row: Row): Cell;
}

/** A class, or the mean over classes. */
interface Row {
  name: string;
  isMean: boolean;
  cases?: number;
  /** Of the network. */
  figures: Record<string, Spread | undefined>;
  /** Dice of the baselines. */
  copy: number | null;
  interval: number | null;
}

/** The scores of a fold, or of all folds, as a terminal shows them: the network's in colours, by the baselines beside it. */
export function resultsForTerminal(results: Scores | Summary, form: TerminalForm): string {
  const isSummary = "comparison" in results;
  const measures = MEASURES[results.protocol];
  const rows = isSummary ? rowsOfSummary(results) : rowsOfScores(results);
  const { shown: kept, note } = worstAndBest(rows.slice(0, -1));
  const columns: Column[] = [
    { head: "class", expendable: 0, cell: ({ name, isMean }) => ({ text: name, style: isMean ? "bold" : undefined }) },
    ...(isSummary ? [] : [{
      head: "cases",
      expendable: 1,
      cell: ({ cases }: Row): Cell => ({ text: cases === undefined ? "" : String(cases) }),
    }]),
    ...measures.map((measure, i) => ({
      head: MEASURE_NAMES[measure],
      expendable: i === 0 ? 0 : i + 3,
      cell: (row: Row) => figureCell(row, measure),
    })),
    { head: "", expendable: 7, cell: ({ figures: { dice } }) => ({ text: bar(dice?.mean ?? null), style: "dim" }) },
    { head: "copied", expendable: 2, cell: ({ copy }) => ({ text: shown(copy, "dice"), style: "dim" }) },
    { head: "interval", expendable: 2, cell: ({ interval }) => ({ text: shown(interval, "dice"), style: "dim" }) },
  ];
  const lines = tableLines(columns, [...kept, rows.at(-1)!], form);
  return [...lines, ...(note ? [note] : []), ...(form.colour ? [COLOURS] : [])].join("\n");
}

const one = (value: number | null | undefined): Spread | undefined =>
  value === undefined ? undefined : { mean: value, sd: null, smallest: value, largest: value, folds: [value] };

function rowsOfScores({ classes, baselines, ...whole }: Scores): Row[] {
  const figuresOf = ({ dice, iou, hd95Mm, assdMm }: Figures) => ({
    dice: one(dice),
    iou: one(iou),
    hd95Mm: one(hd95Mm),
    assdMm: one(assdMm),
  });
  return [
    ...Object.entries(classes).map(([name, ofClass]) => ({
      name,
      isMean: false,
      cases: Object.keys(ofClass.cases).length,
      figures: figuresOf(ofClass),
      copy: baselines.copy.classes[name].dice,
      interval: baselines.interval.classes[name].dice,
    })),
    {
      name: "mean",
      isMean: true,
      figures: figuresOf(whole),
      copy: baselines.copy.dice,
      interval: baselines.interval.dice,
    },
  ];
}

function rowsOfSummary({ classes, baselines, ...whole }: Summary): Row[] {
  const figuresOf = ({ dice, iou, hd95Mm, assdMm }: SpreadFigures) => ({ dice, iou, hd95Mm, assdMm });
  return [
    ...Object.entries(classes).map(([name, ofClass]) => ({
      name,
      isMean: false,
      figures: figuresOf(ofClass),
      copy: baselines.copy.classes[name].dice.mean,
      interval: baselines.interval.classes[name].dice.mean,
    })),
    {
      name: "mean",
      isMean: true,
      figures: figuresOf(whole),
      copy: baselines.copy.dice.mean,
      interval: baselines.interval.dice.mean,
    },
  ];
}

/** Dice in the colour of how it stands to the baselines: above both, above one, above none. */
function figureCell({ figures, copy, interval, isMean }: Row, measure: Measure): Cell {
  const spread = figures[measure];
  const value = spread?.mean ?? null;
  const text = shown(value, measure) + (spread?.sd == null ? "" : ` ± ${shown(spread.sd, measure)}`);
  if (measure !== "dice" || value === null) return { text, style: isMean ? "bold" : undefined };
  const beaten = [copy, interval].filter((baseline) => baseline === null || value > baseline).length;
  return { text, style: beaten === 2 ? "green" : beaten === 1 ? "yellow" : "red" };
}

/** What the colours say. */
const COLOURS = styleText("dim", "Dice green: above both baselines; yellow: one; red: none", { validateStream: false });

const BAR = 10;

function bar(dice: number | null): string {
  if (dice === null) return "";
  const filled = Math.round(BAR * dice);
  return "▪".repeat(filled) + "·".repeat(BAR - filled);
}

/** Of very many classes those that a reader looks for first. */
function worstAndBest(rows: readonly Row[]): { shown: readonly Row[]; note?: string } {
  if (rows.length <= MOST_CLASSES) return { shown: rows };
  const value = ({ figures }: Row) => figures.dice?.mean ?? -1;
  const sorted = [...rows].sort((a, b) => value(a) - value(b));
  const kept = [...sorted.slice(0, WORST_SHOWN), ...sorted.slice(-BEST_SHOWN)];
  return {
    shown: kept,
    note: `the ${WORST_SHOWN} worst and the ${BEST_SHOWN} best of ${rows.length} classes`,
  };
}

const GAP = "  ";

/** Narrower than this, a class's name says nothing. */
const SHORTEST_NAME = 8;

function tableLines(all: readonly Column[], rows: readonly Row[], { columns: width, colour }: TerminalForm): string[] {
  const cells = (
    column: Column,
  ): Cell[] => [{ text: column.head, style: "dim" }, ...rows.map((row) => column.cell(row))];
  let kept = all.map((column) => ({ ...column, cells: cells(column) }));
  // of a measure that nothing has, no column
  kept = kept.filter(({ cells: [, ...values] }) => values.some(({ text }) => text !== "" && text !== "–"));
  const widthOf = ({ cells }: { cells: readonly Cell[] }) => Math.max(...cells.map(({ text }) => stringWidth(text)));
  const room = () => width - kept.slice(1).reduce((sum, column) => sum + GAP.length + widthOf(column), 0);
  for (;;) {
    const most = Math.max(...kept.map(({ expendable }) => expendable));
    if (most === 0 || room() >= Math.min(widthOf(kept[0]), 2 * SHORTEST_NAME)) break;
    kept = kept.filter(({ expendable }) => expendable < most);
  }
  const nameWidth = Math.min(widthOf(kept[0]), Math.max(SHORTEST_NAME, room()));
  const widths = kept.map((column, i) => i === 0 ? nameWidth : widthOf(column));
  return [-1, ...rows.keys()].map((row) =>
    kept.map(({ cells }, i) => {
      const { text, style } = cells[row + 1];
      const padded = i === 0 ? padEnd(cut(text, nameWidth), nameWidth) : padStart(text, widths[i]);
      return style && colour ? styleText(style, padded, { validateStream: false }) : padded;
    }).join(GAP).trimEnd()
  );
}

/** Characters of some scripts are two columns wide. */
const padEnd = (text: string, width: number) => text + " ".repeat(Math.max(0, width - stringWidth(text)));
const padStart = (text: string, width: number) => " ".repeat(Math.max(0, width - stringWidth(text))) + text;

function cut(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let kept = "";
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (stringWidth(kept + segment) > width - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}
