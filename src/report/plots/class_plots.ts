import * as Plot from "@observablehq/plot";
import type { SlicePoint } from "../cases/case_analysis.ts";
import { PLOT_COLOURS, svgPlot } from "./svg.ts";

/** Dice of a class by who predicted. */
export interface ClassDice {
  /** Name of the class. */
  name: string;
  /** Of the network, a value a case. */
  network: readonly number[];
  /** Of the copied mask: a value a case, or their mean alone. */
  copy: readonly number[];
  /** Of the intensity interval: a value a case, or their mean alone. */
  interval: readonly number[];
}

/** Who predicted, in the order of the plot. */
const WHO = { network: "network", copy: "copied mask", interval: "intensity interval" } as const;

/** The colours of those who predicted. */
export const WHO_COLOURS = { domain: Object.values(WHO), range: [PLOT_COLOURS[0], PLOT_COLOURS[1], PLOT_COLOURS[2]] };

/** Longest name of a class beside a plot, in characters. */
const NAME_CHARACTERS = 22;

/** Boxes of Dice by class: the network's cases and those of both baselines. */
export function boxPlot(classes: readonly ClassDice[]): string {
  const labels = shortNames(classes.map(({ name }) => name));
  const rows = classes.flatMap((one, i) =>
    (["network", "copy", "interval"] as const).flatMap((who) =>
      one[who].map((dice) => ({ label: labels[i], who: WHO[who], dice }))
    )
  );
  const boxed = rows.filter(({ label, who }) =>
    rows.filter((row) => row.label === label && row.who === who).length > 1
  );
  const medians = classes.map(({ name, network }) => `${name} ${shownMedian(network)}`);
  return svgPlot({
    width: 720,
    height: 60 + classes.length * 54,
    marginLeft: 24 + 7.2 * Math.max(...labels.map(displayWidth)),
    marginRight: 16,
    marginBottom: 42,
    x: { domain: [0, 1], label: "Dice", grid: true },
    y: { axis: null, domain: Object.values(WHO) },
    fy: { domain: labels, label: null, axis: "left", padding: 0.25 },
    color: WHO_COLOURS,
    marks: [
      Plot.frame({ strokeOpacity: 0.15 }),
      Plot.boxX(boxed, { x: "dice", y: "who", fy: "label", fill: "who", stroke: "who", fillOpacity: 0.25, r: 0 }),
      Plot.dot(rows, { x: "dice", y: "who", fy: "label", stroke: "who", fill: "who", fillOpacity: 0.5, r: 2.5 }),
    ],
  }, `Dice by class, medians of the network: ${medians.join(", ")}`);
}

/** Dice of a class's slices by where they lie in the organ: every slice a point, and the mean over tenths of the organ. */
export function slicePositionPlot({ name, points }: { name: string; points: readonly SlicePoint[] }): string {
  const means = meansOfTenths(points), place = { x: "position", y: "dice" } as const;
  const alt = means.map(({ dice }) => dice.toFixed(2)).join(", ");
  return svgPlot({
    width: 320,
    height: 190,
    marginLeft: 40,
    marginTop: 8,
    x: {
      domain: [0, 1],
      label: null,
      ticks: [0, 0.5, 1],
      tickFormat: (x: number) => ["first", "middle", "last"][2 * x],
    },
    y: { domain: [0, 1], label: null, grid: true, ticks: 4 },
    marks: [
      Plot.dot(points, { ...place, r: 2, fill: PLOT_COLOURS[0], fillOpacity: 0.4 }),
      Plot.line(means, { ...place, stroke: PLOT_COLOURS[1], strokeWidth: 2.5 }),
      Plot.dot(means, { ...place, r: 3, fill: PLOT_COLOURS[1] }),
    ],
  }, `Dice of ${points.length} slices of ${name} from its first slice to its last, means over tenths: ${alt}`);
}

function meansOfTenths(points: readonly SlicePoint[]): SlicePoint[] {
  const tenths = Map.groupBy(points, ({ position }) => Math.min(9, Math.floor(position * 10)));
  return [...tenths].sort(([a], [b]) => a - b).map(([, group]) => ({
    position: group.reduce((sum, { position }) => sum + position, 0) / group.length,
    dice: group.reduce((sum, { dice }) => sum + dice, 0) / group.length,
  }));
}

/** Names that fit beside a plot, no two of which are equal. */
function shortNames(names: readonly string[]): string[] {
  const short = names.map((name) => name.length > NAME_CHARACTERS ? `${name.slice(0, NAME_CHARACTERS - 1)}…` : name);
  return short.map((name, i) => short.indexOf(name) === i ? name : `${name} (${i + 1})`);
}

/** Columns of a text, of which characters of East Asian scripts take two. */
function displayWidth(text: string): number {
  return [...text].reduce((sum, character) => sum + (character.codePointAt(0)! >= 0x1100 ? 2 : 1), 0);
}

function shownMedian(values: readonly number[]): string {
  if (values.length === 0) return "none";
  const sorted = [...values].sort((a, b) => a - b), middle = sorted.length >> 1;
  return (sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2).toFixed(2);
}
