import { meanOf } from "../fewshot/scores.ts";
import { type Figures, type Measure, MEASURES, type Protocol, PROTOCOL_MEANING, type Segmenter } from "./protocol.ts";

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

/** `results.md`: the table of a run, with both baselines. */
export function resultsTable(scores: Scores): string {
  const { experiment, fold, setting, protocol, support, step, classes, baselines } = scores;
  const measures = MEASURES[protocol];
  const compared = measures.filter((measure) => measure === "dice" || measure === "hd95Mm");
  const columns = [
    ...measures.map((measure) => ({ head: MEASURE_NAMES[measure], measure, of: undefined })),
    ...compared.map((measure) => ({ head: `copied mask, ${MEASURE_NAMES[measure]}`, measure, of: "copy" as const })),
    ...compared.map((measure) => ({
      head: `intensity interval, ${MEASURE_NAMES[measure]}`,
      measure,
      of: "interval" as const,
    })),
  ];
  const rows = Object.entries(classes).map(([name, { cases, ...figures }]) => [
    name,
    String(Object.keys(cases).length),
    ...columns.map(({ measure, of }) => shown((of ? baselines[of].classes[name] : figures)[measure], measure)),
  ]);
  const means = columns.map(({ measure, of }) => {
    const text = shown((of ? baselines[of] : scores)[measure], measure);
    return of ? text : `**${text}**`;
  });
  const heads = ["class", "cases", ...columns.map(({ head }) => head)];
  return [
    `# ${experiment}, fold ${fold}`,
    "",
    `Setting ${setting}, support case ${support}, step ${step}. ${PROTOCOL_MEANING[protocol]} ${
      measureMeaning(protocol)
    }.`,
    "",
    markdownTable([heads, ...rows, ["**mean**", "", ...means]]),
    ...undefinedDistances(scores),
    "",
  ].join("\n");
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
