import type { PageCase, PageData } from "../page_data.ts";
import { boxPlot, type ClassDice, slicePositionPlot, WHO_COLOURS } from "../plots/class_plots.ts";
import { curvePlots } from "../plots/curve_plots.ts";
import { PLOT_COLOURS } from "../plots/svg.ts";
import { duration } from "../../pipeline/duration.ts";
import { Section, Svg } from "./section.tsx";
import { counted } from "./words.ts";

/** What the colours of lines stand for. */
function ColourKey({ names, colours }: { names: readonly string[]; colours: readonly string[] }) {
  if (names.length < 2) return null;
  return (
    <p class="legend">
      {names.map((name, i) => <span class="key" style={{ "--key": colours[i % colours.length] }}>{name}</span>)}
    </p>
  );
}

/** Losses, learning rate, thresholds and Dice of the training's own episodes. */
export function Curves({ trainings }: Pick<PageData, "trainings">) {
  const shown = trainings.filter(({ log }) => log.steps.length > 0);
  if (shown.length === 0) return null;
  const about = shown.map(({ name, log, planned }) => {
    const last = log.steps.at(-1)!;
    const of = planned > last ? ` of ${planned}` : "";
    const speed = log.milliseconds / log.steps.length / 1000;
    const prefix = shown.length > 1 ? `${name}: ` : "";
    return `${prefix}${last}${of} steps, ${speed.toPrecision(2)} s a step, ${duration(log.milliseconds / 1000)} in all`;
  });
  return (
    <Section
      id="curves"
      title="Training"
      note={`By step; faint the means of neighbouring steps, bold those of a twentieth of the curve. ${
        about.join("; ")
      }.`}
    >
      <ColourKey names={shown.map(({ name }) => name)} colours={PLOT_COLOURS} />
      <div class="plots">
        {curvePlots(shown).map(({ title, svg }) => (
          <figure>
            <figcaption>{title}</figcaption>
            <Svg text={svg} />
          </figure>
        ))}
      </div>
    </Section>
  );
}

/** Classes of which slices are plotted, and of which boxes are: those with the lowest Dice where there are more. */
const MOST_SLICE_PLOTS = 12, MOST_BOXES = 40;

/** Dice of slices by where they lie in the organ. */
export function SlicePositions({ cases }: Pick<PageData, "cases">) {
  const all = byClass(cases).map(({ name, rows }) => ({ name, points: rows.flatMap(({ positions }) => positions) }))
    .filter(({ points }) => points.length > 0);
  if (all.length === 0) return null;
  const mean = (points: readonly { dice: number }[]) => points.reduce((sum, { dice }) => sum + dice, 0) / points.length;
  const shown = worstOf(all, ({ points }) => mean(points), MOST_SLICE_PLOTS);
  return (
    <Section
      id="slices"
      title="Dice by slice"
      note={`Every slice that truly shows the class, from the first one of the organ to the last; the line is the mean over ` +
        `tenths of the organ.${leftOut(all, shown)}`}
    >
      <div class="plots">
        {shown.map((one) => (
          <figure>
            <figcaption>{one.name}</figcaption>
            <Svg text={slicePositionPlot(one)} />
          </figure>
        ))}
      </div>
    </Section>
  );
}

/** Boxes of Dice by class, beside both baselines. */
export function Boxes({ cases, tests }: Pick<PageData, "cases" | "tests">) {
  const values = (list: readonly (number | null | undefined)[]) => list.filter((value) => value != null);
  const all = byClass(cases).map(({ name, rows }): ClassDice => ({
    name,
    network: values(rows.map(({ figures }) => figures?.dice)),
    copy: values(rows.map(({ copy }) => copy)),
    interval: values(rows.map(({ interval }) => interval)),
  })).filter(({ network }) => network.length > 0);
  if (all.length === 0) return null;
  const mean = (list: readonly number[]) => list.reduce((sum, value) => sum + value, 0) / list.length;
  const shown = worstOf(all, ({ network }) => mean(network), MOST_BOXES);
  return (
    <Section
      id="boxes"
      title="Dice by class"
      note={`A point a case${
        tests.length > 1 ? " and fold" : ""
      }; boxes from the first quartile to the third, where there ` +
        `are several.${leftOut(all, shown)}`}
    >
      <ColourKey names={WHO_COLOURS.domain} colours={WHO_COLOURS.range} />
      <div class={shown.length > 16 ? "wide scroll tall" : "wide scroll"} {...SCROLLS}>
        <Svg text={boxPlot(shown)} />
      </div>
    </Section>
  );
}

const SCROLLS = { tabIndex: 0, role: "region", "aria-label": "Dice by class" } as const;

/** The rows of every class, in the order of the classes. */
function byClass(cases: readonly PageCase[]) {
  const groups = Map.groupBy(cases.flatMap(({ rows }) => rows), ({ name }) => name);
  return [...groups].map(([name, rows]) => ({ name, position: rows[0].position, rows }))
    .sort((a, b) => a.position - b.position);
}

function worstOf<T>(all: readonly T[], value: (one: T) => number, most: number): readonly T[] {
  if (all.length <= most) return all;
  return [...all].sort((a, b) => value(a) - value(b)).slice(0, most);
}

function leftOut(all: readonly unknown[], shown: readonly unknown[]): string {
  if (all.length === shown.length) return "";
  return ` Shown are the ${shown.length} worst of ${counted(all.length, "class", "classes")}; the table has all.`;
}
