import { duration } from "./duration.ts";

/** How far a stage is. */
export interface Progress {
  /** Name of the stage, with its part. */
  name: string;
  /** Cases or steps done. */
  done: number;
  /** All of them. */
  total: number;
  /** What is counted, in the plural. */
  unit: string;
  /** How many a second; 0 where that cannot be said yet. */
  rate: number;
  /** More about it, pieces with commas between them, the most important one first. */
  message: string;
}

/** Width of the bar, and that of a narrow terminal's; it does not change from line to line. */
const BAR = 24, SHORT_BAR = 10, NARROW_COLUMNS = 100;

/** Three years: what has hardly begun says nothing of its end. */
const UNKNOWN_SECONDS = 1e8;

/**
 * A line of progress of at most `width` columns: what matters least goes first, the last pieces of the message, then the speed,
 * the rest of the message, the bar; how far it is and what is left stay longest.
 */
export function progressLine(progress: Progress, width: number): string {
  for (const form of forms(progress, width)) if (form.length <= width) return form;
  return `${progress.name} ${progress.done}/${progress.total}`.slice(0, Math.max(0, width));
}

/** Several at once: how far each is, as many as fit, and what is left of the last. */
export function severalProgressLine(all: readonly Progress[], width: number): string {
  const seconds = Math.max(...all.map(({ done, total, rate }) => rate > 0 ? (total - done) / rate : Infinity));
  const end = seconds < UNKNOWN_SECONDS ? `, ${duration(seconds)} left` : "";
  for (let shown = all.length; shown > 0; shown--) {
    const rest = all.length - shown;
    const parts = all.slice(0, shown).map(({ name, done, total }) => `${name} ${done}/${total}`);
    const line = [...parts, ...(rest > 0 ? [`${rest} more`] : [])].join(" · ") + end;
    if (line.length <= width) return line;
  }
  return `${all.length} side by side${end}`.slice(0, Math.max(0, width));
}

/** The same without an end of the line in sight: all that is known. */
export function wholeProgressLine(progress: Progress): string {
  const { name, message } = progress;
  return `${name.padEnd(12)} ${count(progress)}${speed(progress)}${left(progress)}${message ? `  ${message}` : ""}`;
}

function* forms(progress: Progress, width: number): Generator<string> {
  const { name, done, total, message } = progress;
  const pieces = message ? message.split(", ") : [];
  const line = (bar: number, speed: string, kept: number) => {
    const filled = Math.min(bar, Math.round(bar * done / total));
    const drawn = bar > 0 ? `[${"=".repeat(filled)}${" ".repeat(bar - filled)}] ` : "";
    const shown = pieces.slice(0, kept).join(", ");
    return `${drawn}${name} ${count(progress)}${speed}${left(progress)}${shown ? `  ${shown}` : ""}`;
  };
  const bar = width < NARROW_COLUMNS ? SHORT_BAR : BAR;
  const most = Math.min(pieces.length, 2);
  for (let kept = pieces.length; kept >= most; kept--) yield line(bar, speed(progress), kept);
  for (let kept = most; kept >= 0; kept--) yield line(bar, "", kept);
  yield line(0, "", 0);
}

function count({ done, total, unit }: Progress): string {
  return `${done}/${total} ${unit}`;
}

function speed({ rate, unit }: Progress): string {
  if (rate <= 0) return "";
  return `, ${rate >= 1 ? `${rate.toFixed(1)} ${unit}/s` : `${(1 / rate).toFixed(1)} s a ${unit.slice(0, -1)}`}`;
}

function left({ done, total, rate }: Progress): string {
  const seconds = (total - done) / rate;
  return rate > 0 && seconds < UNKNOWN_SECONDS ? `, ${duration(seconds)} left` : "";
}
