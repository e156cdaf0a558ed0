import { meanOf } from "../fewshot/scores.ts";
import { type Figures, type Measure, MEASURES, type Protocol, PROTOCOL_MEANING } from "./protocol.ts";
import type { Baseline, ClassMeasures, Scores } from "./results.ts";

/** How a measure is called in a table. */
export const MEASURE_NAMES: Readonly<Record<Measure, string>> = {
  dice: "Dice",
  iou: "IoU",
  hd95Mm: "HD95, mm",
  assdMm: "ASSD, mm",
};

/** What the measures of a protocol are, for people. */
export function measureMeaning(protocol: Protocol): string {
  return "Dice and IoU in percent; means over the query cases, then over the classes" +
    (protocol === "volume"
      ? ". HD95 and ASSD, the 95 % Hausdorff and the average symmetric surface distance, in mm; means over the cases where " +
        "they are defined, that is, where neither the predicted nor the true mask is empty"
      : "");
}

/** A figure as tables show it: percent or mm, a dash where undefined. */
export function shown(value: number | null | undefined, measure: Measure): string {
  if (value === null || value === undefined) return "–";
  return (measure === "dice" || measure === "iou" ? 100 * value : value).toFixed(2);
}

/** A table in Markdown; the first row holds its heads. */
export function markdownTable([heads, ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [heads, heads.map(() => "---"), ...rows].map(line).join("\n");
}

/** A column of figures: of the network with some number of shots, the first unless given, or of a baseline. */
interface Column {
  head: string;
  measure: Measure;
  of?: Baseline | number;
}

/** `results.md`: a table with a row a class and both baselines, and one with a row a case. */
export function resultsTable(scores: Scores): string {
  const { experiment, fold, setting, protocol, supports, step, largest } = scores;
  const support = supports.length === 1 ? `support case ${supports[0]}` : `support cases ${supports.join(", ")}`;
  return [
    `# ${experiment}, fold ${fold}`,
    "",
    `Setting ${setting}, ${support}, step ${step}. ${PROTOCOL_MEANING[protocol]} ${measureMeaning(protocol)}.` +
    (largest ? " Of every mask of the network only the largest component is kept." : ""),
    "",
    markdownTable(classRows(scores)),
    ...undefinedDistances(scores),
    "",
    "Dice of every case:",
    "",
    markdownTable(caseRows(scores)),
    "",
  ].join("\n");
}

function classRows(scores: Scores): string[][] {
  const { protocol, classes, baselines, byShots } = scores;
  const columns = columnsOf(scores);
  const figuresOf = ({ of }: Column, name?: string): Figures => {
    const whole = typeof of === "number" ? byShots![of] : of ? baselines[of] : scores;
    return name === undefined ? whole : whole.classes[name];
  };
  const rows = Object.entries(classes).map(([name, { cases }]) => [
    name,
    String(Object.keys(cases).length),
    ...columns.map((column) => shown(figuresOf(column, name)[column.measure], column.measure)),
  ]);
  const means = columns.map((column) => {
    const text = shown(figuresOf(column)[column.measure], column.measure);
    return typeof column.of === "string" ? text : `**${text}**`;
  });
  return [["class", "cases", ...columns.map(({ head }) => head)], ...rows, ["**mean**", "", ...means]];

  function columnsOf({ shots }: Scores): Column[] {
    const measures = MEASURES[protocol];
    const compared = measures.filter((measure) => measure === "dice" || measure === "hd95Mm");
    const own: Column[] = measures.flatMap((measure): Column[] => {
      const head = MEASURE_NAMES[measure];
      if (shots.length === 1) return [{ head, measure }];
      return shots.map((of) => ({ head: `${head}, ${of} ${of === 1 ? "shot" : "shots"}`, measure, of }));
    });
    const beside = ([of, name]: readonly [Baseline, string]): Column[] =>
      compared.map((measure) => ({ head: `${name}, ${MEASURE_NAMES[measure]}`, measure, of }));
    return [...own, ...beside(["copy", "copied mask"]), ...beside(["interval", "intensity interval"])];
  }
}

/** Classes up to which every one has a column in the table of cases. */
const MOST_COLUMNS = 8;

function caseRows({ classes }: Scores): string[][] {
  const names = Object.keys(classes);
  const ids = [...new Set(names.flatMap((name) => Object.keys(classes[name].cases)))];
  const diceOf = (id: string) => names.map((name) => classes[name].cases[id]?.dice ?? null);
  const percent = (dice: number | null) => shown(dice, "dice");
  if (names.length <= MOST_COLUMNS) {
    const rows = ids.map((id) => [id, ...diceOf(id).map(percent), `**${percent(meanOf(diceOf(id)))}**`]);
    return [["case", ...names, "**mean**"], ...rows];
  }
  const rows = ids.map((id) => {
    const dice = diceOf(id), defined = dice.filter((one) => one !== null);
    const lowest = defined.length === 0 ? null : Math.min(...defined);
    return [id, `**${percent(meanOf(dice))}**`, percent(lowest), lowest === null ? "" : names[dice.indexOf(lowest)]];
  });
  return [["case", "**mean**", "lowest", "of class"], ...rows];
}

/** `cases.csv`: a row for every case and class, the network's figures for every number of shots and both baselines'. */
export function casesCsv(
  { protocol, shots }: Pick<Scores, "protocol" | "shots">,
  classes: readonly ClassMeasures[],
): string {
  const measures = MEASURES[protocol];
  const others = [...shots.slice(1).map((count) => `${count}_shots`), "copy", "interval"];
  const heads = [
    "case",
    "class",
    "label",
    "slices",
    ...measures,
    ...others.flatMap((of) => measures.map((one) => `${of}_${one}`)),
  ];
  const ids = [...new Set(classes.flatMap(({ cases }) => [...cases.keys()]))];
  const rows = ids.flatMap((id) =>
    classes.flatMap(({ name, label, cases }) => {
      const found = cases.get(id);
      if (!found) return [];
      const { slices, figures, byShots } = found;
      const all = [
        figures.network,
        ...shots.slice(1).map((count) => byShots.get(count)!),
        figures.copy,
        figures.interval,
      ];
      return [[id, name, label, slices, ...all.flatMap((one) => measures.map((measure) => one[measure] ?? ""))]];
    })
  );
  return [heads, ...rows].map((row) => row.map(csvCell).join(",") + "\n").join("");
}

/** A cell of a table of comma-separated values (RFC 4180). */
export function csvCell(value: string | number): string {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Says where a distance is undefined, since a mean without such cases looks better than it is. */
function undefinedDistances({ protocol, classes }: Scores): string[] {
  if (protocol !== "volume") return [];
  const notes = Object.entries(classes).flatMap(([name, { cases }]) => {
    const missing = Object.entries(cases).filter(([, { hd95Mm }]) => hd95Mm === null).map(([id]) => id);
    return missing.length === 0 ? [] : [`${name}: ${missing.join(", ")}`];
  });
  return notes.length === 0 ? [] : ["", `Cases without distances, since a mask is empty: ${notes.join("; ")}.`];
}
