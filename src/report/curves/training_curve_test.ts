import assert from "node:assert/strict";
import { appendMetrics, emptyLog, smoothed, thinned } from "./training_curve.ts";

Deno.test("appendMetrics() reads lines that are whole, and says nothing of what a line lacks", () => {
  const log = emptyLog();
  appendMetrics(
    log,
    '{"step":1,"total":3,"milliseconds":40}\n{"step":2,"total":2.5,"episodeDice":0.5,"milliseconds":50}\n',
  );
  appendMetrics(log, '{"step":3,"tot\n\n{"step":4,"total":null}\n');
  assert.deepEqual(log.steps, [1, 2, 4]);
  assert.deepEqual(log.values.total, [3, 2.5, NaN]);
  assert.deepEqual(log.values.episodeDice, [NaN, 0.5, NaN]);
  assert.equal(log.milliseconds, 90);
});

Deno.test("thinned() keeps means of steps that follow one another, smoothed() means of neighbours", () => {
  assert.deepEqual(thinned([1, 2, 3, 4, 5], [1, 3, NaN, 5, 9], 3), [
    { step: 1.5, value: 2 },
    { step: 4, value: 5 },
    { step: 5, value: 9 },
  ]);
  assert.deepEqual(thinned([], [], 3), []);
  assert.deepEqual(smoothed([1, 2, 6].map((value, step) => ({ step, value })), 3).map(({ value }) => value), [
    1.5,
    3,
    4,
  ]);
});
