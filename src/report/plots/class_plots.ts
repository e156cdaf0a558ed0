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

/** Dice of slices by where they lie in the organ: every slice a point, and the mean over tenths of the organ. */
export function slicePositionPlot(classes: readonly { name: string; points: readonly SlicePoint[] }[]): string {
  const labels = shortNames(classes.map(({ name }) => name));
  const rows = classes.flatMap(({ points }, i) => points.map((point) => ({ label: labels[i], ...point })));
  const means = classes.flatMap(({ points }, i) =>
    meansOfTenths(points).map((point) => ({ label: labels[i], ...point }))
  );
  const columns = Math.min(classes.length, 4), count = Math.ceil(classes.length / columns);
  const place = new Map(labels.map((label, i) => [label, [i % columns, Math.floor(i / columns)]]));
  const facet = {
    fx: (row: { label: string }) => place.get(row.label)![0],
    fy: (row: { label: string }) => place.get(row.label)![1],
  };
  return svgPlot({
    width: 60 + 240 * columns,
    height: 40 + 170 * count,
    marginTop: 24,
    x: { domain: [0, 1], label: "first slice of the organ → last slice", ticks: [0, 0.5, 1], tickFormat: ".1f" },
    y: { domain: [0, 1], label: "Dice", grid: true, ticks: 3 },
    fx: { axis: null },
    fy: { axis: null },
    marks: [
      Plot.frame({ strokeOpacity: 0.2 }),
      Plot.dot(rows, { ...facet, x: "position", y: "dice", r: 1.8, fill: PLOT_COLOURS[0], fillOpacity: 0.35 }),
      Plot.line(means, { ...facet, x: "position", y: "dice", stroke: PLOT_COLOURS[1], strokeWidth: 2.5 }),
      Plot.dot(means, { ...facet, x: "position", y: "dice", r: 3, fill: PLOT_COLOURS[1] }),
      Plot.text(labels.map((label) => ({ label })), {
        ...facet,
        text: "label",
        frameAnchor: "top",
        dy: -14,
        fontWeight: 600,
      }),
    ],
  }, `Dice of slices by position: ${classes.map(({ name, points }) => `${name}, ${points.length} slices`).join("; ")}`);
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
