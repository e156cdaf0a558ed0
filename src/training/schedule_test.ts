import assert from "node:assert/strict";
import { learningRateAt, type Schedule } from "./schedule.ts";

Deno.test("learningRateAt() follows the published schedule: 7 drops, last rate 8.68e-4", () => {
  const schedule: Schedule = { kind: "steps", learningRate: 1e-3, steps: 40000, every: 5000, factor: 0.98 };
  assert.equal(learningRateAt(schedule, 1), 1e-3);
  assert.equal(learningRateAt(schedule, 5000), 1e-3);
  assert.equal(learningRateAt(schedule, 5001), 0.98e-3);
  assert.ok(Math.abs(learningRateAt(schedule, 40000) - 8.68e-4) < 1e-6);
});

Deno.test("learningRateAt() falls along a cosine to nearly 0", () => {
  const schedule: Schedule = { kind: "cosine", learningRate: 0.01, steps: 800, every: 1, factor: 1 };
  assert.equal(learningRateAt(schedule, 1), 0.01);
  assert.ok(Math.abs(learningRateAt(schedule, 401) - 0.005) < 1e-12);
  assert.ok(learningRateAt(schedule, 800) < 1e-6);
});

Deno.test("learningRateAt() rises evenly over the warm-up and then goes on as without one", () => {
  const schedule: Schedule = { kind: "cosine", learningRate: 0.01, steps: 100, every: 1, factor: 1 };
  for (const [step, share] of [[1, 0.1], [5, 0.5], [10, 1], [11, 1], [100, 1]]) {
    const found = learningRateAt({ ...schedule, warmUpSteps: 10 }, step);
    assert.ok(Math.abs(found - share * learningRateAt(schedule, step)) < 1e-15, `step ${step}`);
  }
});
