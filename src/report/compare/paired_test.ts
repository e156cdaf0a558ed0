import assert from "node:assert/strict";
import type { Scores } from "../../inference/results.ts";
import { Random } from "../../random.ts";
import { byCase, pairedDifference } from "./paired.ts";

function scores(classes: Record<string, Record<string, number | null>>): Scores {
  const ofClass = (cases: Record<string, number | null>) => ({
    cases: Object.fromEntries(Object.entries(cases).map(([id, dice]) => [id, { dice }])),
  });
  return {
    classes: Object.fromEntries(Object.entries(classes).map(([name, cases]) => [name, ofClass(cases)])),
  } as never;
}

Deno.test("byCase() takes means over classes, then over the folds that tested a case", () => {
  const folds = [scores({ a: { x: 0.2, y: null }, b: { x: 0.6, z: 1 } }), scores({ a: { x: 0.8 } })];
  assert.deepEqual([...byCase(folds, "dice")].map(([id, value]) => [id, Number(value.toFixed(6))]), [["x", 0.6], [
    "z",
    1,
  ]]);
  assert.deepEqual([...byCase(folds, "dice", "b")], [["x", 0.6], ["z", 1]]);
});

Deno.test("pairedDifference() compares the cases that both have, and says nothing of the spread of too few", () => {
  const of = (...values: number[]) => new Map(values.map((value, i) => [String(i), value]));
  assert.deepEqual(pairedDifference(of(0.5, 0.5), new Map([["1", 0.75], ["7", 1]])), {
    cases: 1,
    mean: 0.25,
    interval: null,
  });
  assert.deepEqual(pairedDifference(of(0.5), new Map()), { cases: 0, mean: null, interval: null });
  const same = pairedDifference(of(0.1, 0.2, 0.3, 0.4, 0.5), of(0.2, 0.3, 0.4, 0.5, 0.6));
  assert.ok(same.interval!.every((end) => Math.abs(end - 0.1) < 1e-12));
});

Deno.test("pairedDifference() covers the true difference in about 95 of 100 samples, however much cases differ", () => {
  const random = new Random(1, "test");
  const noise = () => (random.uniform() + random.uniform() + random.uniform() - 1.5) / 5;
  let covered = 0;
  for (let i = 0; i < 200; i++) {
    const first = new Map<string, number>(), second = new Map<string, number>();
    for (let k = 0; k < 25; k++) {
      const base = random.uniform();
      first.set(String(k), base);
      second.set(String(k), base + 0.05 + noise());
    }
    const { interval: [low, high] } = pairedDifference(first, second) as { interval: [number, number] };
    if (low <= 0.05 && high >= 0.05) covered++;
  }
  assert.ok(covered >= 178 && covered <= 199, String(covered));
});
