import * as Plot from "@observablehq/plot";
import { CURVES, smoothed, thinned, type TrainingLog } from "../curves/training_curve.ts";
import { PLOT_COLOURS, svgPlot } from "./svg.ts";

/** A training with its name among others. */
export interface NamedLog {
  /** For example "fold 2". */
  name: string;
  /** Its log. */
  log: TrainingLog;
}

/** A plot with its title. */
export interface TitledPlot {
  /** What it shows. */
  title: string;
  /** The text of an SVG. */
  svg: string;
}

/** Points of a curve: more are not seen at the width of a plot. */
const POINTS = 240;

/** Share of a curve that is smoothed over. */
const SMOOTHING = 1 / 20;

/** From the least to the most of some values; of values that are equal, as a constant learning rate, some room about them. */
function domainOf(values: readonly number[]): [number, number] {
  const least = values.reduce((a, b) => Math.min(a, b)), most = values.reduce((a, b) => Math.max(a, b));
  const room = most - least > 1e-9 * Math.abs(most) ? 0 : Math.abs(most) / 10 || 1;
  return [least - room, most + room];
}

/** A plot of every value that the logs have, one line a training: the means of steps, and bold the smoothed ones. */
export function curvePlots(logs: readonly NamedLog[]): TitledPlot[] {
  const colour = { domain: logs.map(({ name }) => name), range: [...PLOT_COLOURS] };
  return CURVES.flatMap(({ key, title }) => {
    const curves = logs.map(({ name, log }) => ({ name, points: thinned(log.steps, log.values[key], POINTS) }))
      .filter(({ points }) => points.length > 0);
    if (curves.length === 0) return [];
    const isShare = key === "episodeDice";
    const rough = curves.flatMap(({ name, points }) => points.map((point) => ({ name, ...point })));
    const even = curves.flatMap(({ name, points }) =>
      smoothed(points, Math.ceil(points.length * SMOOTHING)).map((point) => ({ name, ...point }))
    );
    const last = curves.map(({ name, points }) => `${name} ends at ${points.at(-1)!.value.toPrecision(3)}`);
    const line = { x: "step", y: "value", z: "name", stroke: "name" } as const;
    return [{
      title,
      svg: svgPlot({
        width: 320,
        height: 190,
        marginLeft: 52,
        marginRight: 14,
        marginTop: 8,
        x: { label: null, ticks: 5, nice: true },
        y: { label: null, grid: true, ticks: 4, domain: isShare ? [0, 1] : domainOf(rough.map(({ value }) => value)) },
        color: colour,
        marks: [
          Plot.line(rough, { ...line, strokeWidth: 1, strokeOpacity: 0.35 }),
          Plot.line(even, { ...line, strokeWidth: 2 }),
          // a training of one step is a point
          Plot.dot(rough.length === curves.length ? rough : [], { ...line, fill: "name" }),
        ],
      }, `${title} by step: ${last.join(", ")}`),
    }];
  });
}
