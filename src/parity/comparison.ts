/** One compared tensor or file. */
export interface ComparisonRow {
  /** What was compared. */
  name: string;
  /** Largest error, in the measure of its group. */
  error: number;
  /** Largest error allowed. */
  tolerance: number;
  /** Whether it passed. */
  ok: boolean;
  /** Why it failed, where the error alone does not say it. */
  detail?: string;
}

/** A row that passes when the error is within the tolerance; an error that is not a number fails. */
export function row(name: string, error: number, tolerance: number, detail?: string): ComparisonRow {
  return { name, error, tolerance, ok: error <= tolerance, ...(detail ? { detail } : {}) };
}

/** A row for something that the reference has and the replay does not. */
export function missing(name: string, detail: string): ComparisonRow {
  return { name, error: Infinity, tolerance: 0, ok: false, detail };
}

/** Worst first: failures, then by the share of the tolerance that is used up. */
export function worstFirst(rows: readonly ComparisonRow[]): ComparisonRow[] {
  const share = ({ error, tolerance }: ComparisonRow) =>
    error === 0 ? 0 : tolerance === 0 ? Infinity : error / tolerance;
  return [...rows].sort((a, b) => Number(a.ok) - Number(b.ok) || share(b) - share(a) || (a.name < b.name ? -1 : 1));
}

/** Largest absolute difference; infinite if the lengths differ, NaN if a value is. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Infinity;
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i] - b[i]);
    if (Number.isNaN(difference)) return NaN;
    if (difference > largest) largest = difference;
  }
  return largest;
}

/** Largest absolute value. */
export function largestMagnitude(a: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i]));
  return largest;
}
