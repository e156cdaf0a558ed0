import assert from "node:assert/strict";
import { appendMetrics, emptyLog } from "../curves/training_curve.ts";
import { curvePlots } from "./curve_plots.ts";

Deno.test("curvePlots() of a constant leaves room about it, with ticks that a reader can tell apart", () => {
  const log = emptyLog();
  const line = (step: number) => JSON.stringify({ step, total: 3 - step / 9, learningRate: 0.001 }) + "\n";
  appendMetrics(log, [1, 2, 3, 4].map(line).join(""));
  const plots = new Map(curvePlots([{ name: "fold 0", log }]).map(({ title, svg }) => [title, svg]));
  assert.deepEqual([...plots.keys()], ["Sum of all losses", "Learning rate"]);
  const ticks = [...plots.get("Learning rate")!.matchAll(/<text[^>]*>(0\.\d+)<\/text>/g)].map(([, text]) => text);
  assert.ok(ticks.length >= 3 && new Set(ticks).size === ticks.length, ticks.join());
  assert.ok(ticks.every((text) => text.length <= 8), ticks.join());
});
