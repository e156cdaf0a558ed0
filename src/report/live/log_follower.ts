import { open } from "node:fs/promises";
import { appendMetrics, emptyLog, type TrainingLog } from "../curves/training_curve.ts";

const NEWLINE = "\n".charCodeAt(0);

/** Reads a log that grows: every time only what is new. A log that was cut back, as after a kill, is read anew. */
export class LogFollower {
  #log = emptyLog();
  #offset = 0;

  /** @param path of `metrics.jsonl` */
  constructor(readonly path: string) {}

  /** What is read so far. */
  get log(): TrainingLog {
    return this.#log;
  }

  /** Reads what is new; nothing where there is no log. */
  async read(): Promise<void> {
    const file = await open(this.path).catch(() => undefined);
    if (!file) return;
    try {
      const { size } = await file.stat();
      if (size < this.#offset) this.#forget();
      const known = this.#log.steps.length;
      if (!await this.#readFrom(file, size)) return;
      const { steps } = this.#log;
      // a log that was cut back and has grown again beyond where it was read to shows by its steps
      if (known > 0 && steps.length > known && steps[known] !== steps[known - 1] + 1) {
        this.#forget();
        await this.#readFrom(file, size);
      }
    } finally {
      await file.close();
    }
  }

  #forget(): void {
    this.#log = emptyLog();
    this.#offset = 0;
  }

  /** Reads whole lines; returns whether there were some. */
  async #readFrom(file: Awaited<ReturnType<typeof open>>, size: number): Promise<boolean> {
    const bytes = new Uint8Array(size - this.#offset);
    const { bytesRead } = await file.read(bytes, 0, bytes.length, this.#offset);
    const end = bytes.subarray(0, bytesRead).lastIndexOf(NEWLINE) + 1;
    this.#offset += end;
    appendMetrics(this.#log, new TextDecoder().decode(bytes.subarray(0, end)));
    return end > 0;
  }
}

/** Steps that the page of a training has points for, at most. */
const POINTS = 1000;

/** Points of a log from one on, each the means of as many steps as `planned` leaves. */
export interface LogPoints {
  /** Number of the first point that is here. */
  from: number;
  /** Mean number of the steps of each point. */
  steps: number[];
  /** Means by key. */
  values: Record<string, (number | null)[]>;
}

/**
 * The points that a page lacks: all from the first, unless the page has `have` of them, the last one at step `last`.
 *
 * @param isOver whether the log grows no more: its last point may then be of fewer steps
 */
export function pointsOf(
  { steps, values }: TrainingLog,
  { planned, have, last, isOver }: { planned: number; have: number; last: number; isOver: boolean },
): LogPoints {
  const width = Math.max(1, Math.ceil(planned / POINTS));
  const count = isOver ? Math.ceil(steps.length / width) : Math.floor(steps.length / width);
  const mean = (list: readonly number[], point: number) => {
    const part = list.slice(point * width, (point + 1) * width);
    return Number((part.reduce((sum, value) => sum + value, 0) / part.length).toPrecision(5));
  };
  const from = have > 0 && have <= count && mean(steps, have - 1) === last ? have : 0;
  const points = Array.from({ length: count - from }, (_, i) => from + i);
  const column = (list: readonly number[]) =>
    points.map((point) => mean(list, point)).map((value) => Number.isFinite(value) ? value : null);
  return {
    from,
    steps: points.map((point) => mean(steps, point)),
    values: Object.fromEntries(Object.entries(values).map(([key, list]) => [key, column(list)])),
  };
}
