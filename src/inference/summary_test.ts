import assert from "node:assert/strict";
import type { Scores } from "./results.ts";
import { spread, summarize, summaryCsv, summaryLatex, summaryMarkdown } from "./summary.ts";

function fold(number: number, dice: number | null): Scores {
  const pair = { dice, iou: dice === null ? null : dice / 2 };
  return {
    experiment: "phantom",
    dataset: "phantom",
    fold: number,
    setting: 1,
    protocol: "published",
    support: String(number),
    step: 5,
    classes: { "A_B, C": { label: 1, cases: {}, ...pair } },
    ...pair,
    baselines: { copy: { dice: 0.5, iou: 0.25 }, interval: { dice: 0.25, iou: 0.125 } },
  };
}

Deno.test("spread() is the mean and the deviation of a sample, of what is defined", () => {
  assert.deepEqual(spread([1, null, 3]), { mean: 2, sd: Math.SQRT2, folds: [1, null, 3] });
  assert.deepEqual(spread([0.5]), { mean: 0.5, sd: null, folds: [0.5] });
  assert.deepEqual(spread([null]), { mean: null, sd: null, folds: [null] });
});

const summary = summarize([fold(0, 0.5), fold(1, 0.75), fold(2, null)]);

Deno.test("summaryMarkdown() shows every fold, the mean and both baselines", () => {
  const lines = summaryMarkdown(summary).split("\n");
  assert.deepEqual(lines.slice(4, 8), [
    "|  | fold 0 | fold 1 | fold 2 | Dice | IoU |",
    "| --- | --- | --- | --- | --- | --- |",
    "| A_B, C | 50.00 | 75.00 | – | 62.50 ± 17.68 | 31.25 ± 8.84 |",
    "| mean | 50.00 | 75.00 | – | 62.50 ± 17.68 | 31.25 ± 8.84 |",
  ]);
  assert.equal(lines[8], "| copied mask | 50.00 | 50.00 | 50.00 | 50.00 ± 0.00 | 25.00 ± 0.00 |");
});

Deno.test("summaryCsv() and summaryLatex() escape names", () => {
  assert.match(summaryCsv(summary), /^"A_B, C",dice,0\.5,0\.75,,0\.625,0\.1767/m);
  assert.match(summaryLatex(summary), /^A\\_B, C & 50\.00 & 75\.00 & - & \$62\.50 \\pm 17\.68\$/m);
});
