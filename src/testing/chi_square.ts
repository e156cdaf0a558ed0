import assert from "node:assert/strict";

/** Standard normal deviate that random counts exceed three times in 100,000 tests; with a fixed seed, never or always. */
const DEVIATE = 4;

/**
 * Fails where counts do not follow the given probabilities: Pearson's chi-square against its quantile (Wilson and Hilferty,
 * "The distribution of chi-square", 1931).
 *
 * @param counts how often each outcome came
 * @param probabilities of the same outcomes, 1 in all
 * @throws {assert.AssertionError}
 */
export function assertDistribution<K>(
  counts: ReadonlyMap<K, number>,
  probabilities: ReadonlyMap<K, number>,
  about = "",
): void {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const sum = [...probabilities.values()].reduce((a, b) => a + b, 0);
  assert.ok(Math.abs(sum - 1) < 1e-9, `${about}: probabilities of ${sum} in all`);
  for (const key of counts.keys()) assert.ok(probabilities.has(key), `${about}: "${key}" must not come`);
  let square = 0;
  for (const [key, probability] of probabilities) {
    const expected = total * probability;
    // below, the quantile does not hold
    assert.ok(expected >= 5, `${about}: too few draws for "${key}"`);
    square += ((counts.get(key) ?? 0) - expected) ** 2 / expected;
  }
  const freedom = probabilities.size - 1, spread = 2 / (9 * freedom);
  const limit = freedom * (1 - spread + DEVIATE * Math.sqrt(spread)) ** 3;
  assert.ok(square < limit, `${about}: chi-square of ${square.toFixed(1)} exceeds ${limit.toFixed(1)}`);
}

/** How often every outcome came. */
export function tally<K>(outcomes: Iterable<K>): Map<K, number> {
  const counts = new Map<K, number>();
  for (const outcome of outcomes) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  return counts;
}

/** Every outcome equally likely. */
export function evenly<K>(outcomes: readonly K[]): Map<K, number> {
  return new Map(outcomes.map((outcome) => [outcome, 1 / outcomes.length]));
}
