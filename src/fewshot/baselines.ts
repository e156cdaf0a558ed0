import { countVoxels, score } from "./scores.ts";

/** Candidates for either end of the interval. */
const QUANTILES = 64;

/** An interval of intensities, ends included. */
export interface Interval {
  /** Lower end. */
  lowest: number;
  /** Upper end. */
  highest: number;
}

/**
 * The interval of intensities that segments a support slice best: both ends among the 64 quantiles of its foreground,
 * chosen by Dice, ties to the lower lower end, then the lower upper end (docs/command-line.md, "Baselines").
 *
 * @param image standardised intensities of the slice
 * @param mask its foreground, not empty
 */
export function bestInterval(image: ArrayLike<number>, mask: ArrayLike<number>): Interval {
  const inside: number[] = [];
  for (let i = 0; i < image.length; i++) if (mask[i] !== 0) inside.push(image[i]);
  inside.sort((a, b) => a - b);
  const candidates = [
    ...new Set(Array.from({ length: QUANTILES }, (_, k) => {
      const position = k / (QUANTILES - 1) * (inside.length - 1);
      const base = Math.floor(position), next = inside[Math.min(base + 1, inside.length - 1)];
      return inside[base] + (next - inside[base]) * (position - base);
    })),
  ];
  const all = Float64Array.from(image).sort();
  const foreground = Float64Array.from(inside);
  const upTo = (sorted: Float64Array, value: number, inclusive: boolean) => {
    let low = 0, high = sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sorted[middle] < value || (inclusive && sorted[middle] === value)) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  let best: Interval = { lowest: candidates[0], highest: candidates[candidates.length - 1] }, bestDice = -1;
  for (const [i, lowest] of candidates.entries()) {
    for (const highest of candidates.slice(i)) {
      const positives = upTo(all, highest, true) - upTo(all, lowest, false);
      const hits = upTo(foreground, highest, true) - upTo(foreground, lowest, false);
      const dice = 2 * hits / (positives + inside.length);
      if (dice > bestDice) [best, bestDice] = [{ lowest, highest }, dice];
    }
  }
  return best;
}

/** The mask of an interval. */
export function intervalMask(image: ArrayLike<number>, { lowest, highest }: Interval): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(image, (x) => Number(x >= lowest && x <= highest));
}

/** Dice of an interval on a slice; for tests. */
export function intervalDice(image: ArrayLike<number>, mask: ArrayLike<number>, interval: Interval): number | null {
  return score(countVoxels(intervalMask(image, interval), mask)).dice;
}
