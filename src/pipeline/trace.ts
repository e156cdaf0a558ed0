import type { PipelineEvent, Reporter } from "./events.ts";

/** A piece of work that a device timed by its own clock. */
export interface TimedWork {
  /** What was computed. */
  readonly label: string;
  /** Nanoseconds of the device's clock. */
  readonly start: bigint;
  /** Nanoseconds of the device's clock. */
  readonly end: bigint;
}

/** What all dispatches of an operator took. */
export interface OperatorTotal {
  /** The operator. */
  operator: string;
  /** How often it was dispatched. */
  dispatches: number;
  /** Milliseconds of all of them. */
  milliseconds: number;
  /** Of the time of all operators. */
  share: number;
}

/** Dispatches that a trace shows one by one, the first ones: a viewer opens some ten megabytes with ease. */
const MOST_SHOWN = 100_000;

/** Rows of a trace. */
const STAGES = 1, DEVICE = 2;

/**
 * Follows a run for its profile: when each stage was made, and what the device computed. Stages come as events, which are handed
 * on.
 */
export class Tracer implements Reporter {
  readonly #inner: Reporter;
  readonly #now: () => number;
  readonly #open = new Map<string, number>();
  readonly #stages: { name: string; start: number; end: number }[] = [];
  readonly #totals = new Map<string, { dispatches: number; nanoseconds: number }>();
  readonly #shown: { label: string; start: number; duration: number }[] = [];
  #origin: bigint | undefined;
  /** Milliseconds from the device's first work to the clock of this process, as far as is known. */
  #offset = Infinity;
  #count = 0;

  /**
   * @param inner is told of every event
   * @param now milliseconds of the clock of this process
   */
  constructor(inner: Reporter, now: () => number = () => performance.now()) {
    this.#inner = inner;
    this.#now = now;
  }

  /** Notes when stages begin and end, and hands the event on. */
  report(event: PipelineEvent): void {
    const { stage, part } = event;
    const name = part ? `${stage} (${part})` : `${stage}`;
    if (event.event === "start") this.#open.set(name, this.#now());
    if (event.event === "done" && this.#open.has(name)) this.#close(name);
    this.#inner.report(event);
  }

  /** Notes what a device computed, after it did. */
  add(works: readonly TimedWork[]): void {
    if (works.length === 0) return;
    const origin = this.#origin ??= works[0].start;
    const since = (time: bigint) => Number(time - origin) / 1e6;
    // Work is told of after it was done, sometimes much, so the least delay says most about the two clocks.
    this.#offset = Math.min(this.#offset, this.#now() - since(works.at(-1)!.end));
    for (const { label, start, end } of works) {
      const total = this.#totals.get(label) ?? { dispatches: 0, nanoseconds: 0 };
      this.#totals.set(label, total);
      total.dispatches++;
      total.nanoseconds += Number(end - start);
      if (this.#count++ < MOST_SHOWN) {
        this.#shown.push({ label, start: since(start), duration: Number(end - start) / 1e6 });
      }
    }
  }

  /** What each operator took, the most expensive first. */
  get operators(): OperatorTotal[] {
    const all = [...this.#totals.values()].reduce((sum, { nanoseconds }) => sum + nanoseconds, 0);
    return [...this.#totals].map(([operator, { dispatches, nanoseconds }]) => ({
      ...{ operator, dispatches },
      milliseconds: nanoseconds / 1e6,
      share: all > 0 ? nanoseconds / all : 0,
    })).sort((a, b) => b.milliseconds - a.milliseconds);
  }

  /** The trace in Chrome's format (chrome://tracing, ui.perfetto.dev); stages that have not ended end now. */
  get trace(): Record<string, unknown> {
    for (const name of [...this.#open.keys()]) this.#close(name);
    const micro = (milliseconds: number) => Math.round(milliseconds * 1000 * 1000) / 1000;
    const named = (tid: number, name: string) => ({ ph: "M", pid: 1, tid, name: "thread_name", args: { name } });
    const slice = (tid: number, name: string, start: number, duration: number) => {
      return { ph: "X", pid: 1, tid, name, ts: micro(start), dur: micro(duration) };
    };
    return {
      traceEvents: [
        ...[named(STAGES, "stages"), named(DEVICE, "operators on the adapter")],
        ...this.#stages.map(({ name, start, end }) => slice(STAGES, name, start, end - start)),
        ...this.#shown.map(({ label, start, duration }) => slice(DEVICE, label, start + this.#offset, duration)),
      ],
      displayTimeUnit: "ms",
      otherData: { dispatches: this.#count, shown: this.#shown.length, operators: this.operators },
    };
  }

  #close(name: string): void {
    this.#stages.push({ name, start: this.#open.get(name)!, end: this.#now() });
    this.#open.delete(name);
  }
}

/** The most expensive operators, as a table for people. */
export function operatorTable(operators: readonly OperatorTotal[], rows = 10): string {
  const cells = operators.slice(0, rows).map(({ operator, dispatches, milliseconds, share }) => [
    ...[operator, `${dispatches}`, milliseconds.toFixed(1), `${(100 * share).toFixed(1)} %`],
  ]);
  const table = [["operator", "dispatches", "ms", "share"], ...cells];
  const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)));
  return table.map((row) =>
    row.map((cell, column) => column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column])).join("  ")
  ).join("\n");
}
