import { meanOf } from "../../fewshot/scores.ts";
import type { Measure } from "../../inference/protocol.ts";
import type { Scores } from "../../inference/results.ts";
import { Random } from "../../random.ts";

/** Values of a measure by case, of one class or of their mean. */
export type ByCase = ReadonlyMap<string, number>;

/**
 * A measure of every case: means over the folds it was tested in, of a class, or of all classes together.
 *
 * @param name the class; all unless given
 */
export function byCase(tests: readonly Scores[], measure: Measure, name?: string): ByCase {
  const values = new Map<string, number[]>();
  for (const { classes } of tests) {
    const ofFold = new Map<string, (number | null)[]>();
    for (const [one, { cases }] of Object.entries(classes)) {
      if (name !== undefined && one !== name) continue;
      for (const [id, figures] of Object.entries(cases)) {
        ofFold.set(id, [...ofFold.get(id) ?? [], figures[measure] ?? null]);
      }
    }
    for (const [id, list] of ofFold) {
      const mean = meanOf(list);
      if (mean !== null) values.set(id, [...values.get(id) ?? [], mean]);
    }
  }
  return new Map([...values].map(([id, list]) => [id, meanOf(list)!]));
}

/** How a second run differs from a first, on the cases that both have. */
export interface Difference {
  /** Cases that both have. */
  cases: number;
  /** Mean of the second less that of the first; `null` without a case in common. */
  mean: number | null;
  /** Where the mean lies with 95 %, by the bootstrap; `null` for too few cases. */
  interval: [low: number, high: number] | null;
}

/** Fewest cases of which resampling says anything. */
const FEWEST_CASES = 5;

/** Resamples, and the share of them beyond either end of the interval. */
const RESAMPLES = 10_000, TAIL = 0.025;

/** The paired difference of two runs: cases are drawn anew, both runs' values of a case together. */
export function pairedDifference(first: ByCase, second: ByCase): Difference {
  const ids = [...first.keys()].filter((id) => second.has(id)).sort();
  const differences = ids.map((id) => second.get(id)! - first.get(id)!);
  const mean = meanOf(differences);
  if (ids.length < FEWEST_CASES) return { cases: ids.length, mean, interval: null };
  const drawn = resamples(ids.length);
  const means = new Float64Array(RESAMPLES);
  for (let i = 0, at = 0; i < RESAMPLES; i++) {
    let sum = 0;
    for (let k = 0; k < ids.length; k++) sum += differences[drawn[at++]];
    means[i] = sum / ids.length;
  }
  means.sort();
  const at = (share: number) => means[Math.round(share * (RESAMPLES - 1))];
  return { cases: ids.length, mean, interval: [at(TAIL), at(1 - TAIL)] };
}

/** Which cases are drawn, by how many there are: the same for all classes. */
const drawnBefore = new Map<number, Uint32Array>();

function resamples(count: number): Uint32Array {
  let found = drawnBefore.get(count);
  if (!found) {
    const random = new Random(count, "bootstrap of paired differences");
    found = Uint32Array.from({ length: RESAMPLES * count }, () => random.integer(count));
    drawnBefore.set(count, found);
  }
  return found;
}
