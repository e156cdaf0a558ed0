/** A value that a line of `metrics.jsonl` has of every step. */
export interface CurveKind {
  /** Its key in the log. */
  key: string;
  /** What it is, in words. */
  title: string;
}

/** What is drawn of a training, in order. */
export const CURVES: readonly CurveKind[] = [
  { key: "total", title: "Sum of all losses" },
  { key: "episodeDice", title: "Dice of the step's own query" },
  { key: "query", title: "Query loss" },
  { key: "periphery", title: "Periphery loss" },
  { key: "align", title: "Alignment loss" },
  { key: "mse", title: "Distance of the two prototypes" },
  { key: "qry", title: "Query loss by its own prototype" },
  { key: "boundary", title: "Boundary loss" },
  { key: "dice", title: "Dice loss" },
  { key: "learningRate", title: "Learning rate" },
  { key: "threshold", title: "Threshold τ of the support" },
  { key: "queryThreshold", title: "Threshold τ of the query" },
  { key: "gradientNorm", title: "Gradient norm, before clipping" },
];

/** A training's log, a column a value. */
export interface TrainingLog {
  /** Numbers of the steps, ascending. */
  steps: number[];
  /** Values by key, NaN where a line has none. */
  values: Record<string, number[]>;
  /** Milliseconds of all steps together. */
  milliseconds: number;
  /** Those of the last steps, the latest last. */
  recentMilliseconds: number[];
}

/** Steps of which the time is kept. */
const RECENT = 50;

/** An empty log, to which {@link appendMetrics} adds lines. */
export function emptyLog(): TrainingLog {
  return {
    steps: [],
    values: Object.fromEntries(CURVES.map(({ key }) => [key, []])),
    milliseconds: 0,
    recentMilliseconds: [],
  };
}

/** Adds whole lines of `metrics.jsonl`; one that is no object with a step, as after a crash of the file system, is left out. */
export function appendMetrics(log: TrainingLog, text: string): void {
  for (const line of text.split("\n")) {
    if (line === "") continue;
    let found: Record<string, unknown> | null;
    try {
      found = JSON.parse(line);
    } catch {
      continue;
    }
    if (typeof found !== "object" || typeof found?.step !== "number") continue;
    log.steps.push(found.step);
    for (const { key } of CURVES) {
      const value = found[key];
      log.values[key].push(typeof value === "number" ? value : NaN);
    }
    const { milliseconds } = found;
    if (typeof milliseconds !== "number" || !Number.isFinite(milliseconds)) continue;
    log.milliseconds += milliseconds;
    log.recentMilliseconds.push(milliseconds);
    if (log.recentMilliseconds.length > RECENT) log.recentMilliseconds.shift();
  }
}

/** A point of a curve that stands for several steps. */
export interface CurvePoint {
  /** Mean number of the steps. */
  step: number;
  /** Mean value. */
  value: number;
}

/**
 * A curve of at most `count` points, each the mean of as many steps that follow one another; values that are not finite are
 * left out.
 */
export function thinned(steps: readonly number[], values: readonly number[], count: number): CurvePoint[] {
  const width = Math.max(1, Math.ceil(steps.length / count));
  const points: CurvePoint[] = [];
  for (let first = 0; first < steps.length; first += width) {
    let step = 0, value = 0, number = 0;
    for (let i = first; i < Math.min(first + width, steps.length); i++) {
      if (!Number.isFinite(values[i])) continue;
      step += steps[i];
      value += values[i];
      number++;
    }
    if (number > 0) points.push({ step: step / number, value: value / number });
  }
  return points;
}

/** The curve with every value replaced by the mean of its neighbours within `width` points, itself in the middle. */
export function smoothed(points: readonly CurvePoint[], width: number): CurvePoint[] {
  const half = Math.floor(width / 2);
  return points.map(({ step }, i) => {
    const near = points.slice(Math.max(0, i - half), i + half + 1);
    return { step, value: near.reduce((sum, { value }) => sum + value, 0) / near.length };
  });
}
