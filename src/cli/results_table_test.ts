import assert from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import stringWidth from "string-width";
import { type ClassMeasures, makeScores, type Scores } from "../inference/results.ts";
import { summarize } from "../inference/summary.ts";
import { resultsForTerminal } from "./results_table.ts";

/** Scores of classes that have a Dice each, beside baselines of 0.5 and 0.3. */
function scoresOf(
  dice: Record<string, number | null>,
  protocol: "published" | "volume" = "published",
  fold = 0,
): Scores {
  const figures = (value: number | null) => ({
    dice: value,
    iou: value && value / (2 - value),
    ...(protocol === "volume" ? { hd95Mm: 12.5, assdMm: 3.25 } : {}),
  });
  const classes = Object.entries(dice).map(([name, value], i): ClassMeasures => ({
    name,
    label: i + 1,
    cases: new Map([["a", {
      slices: 4,
      figures: { network: figures(value), copy: figures(0.5), interval: figures(0.3) },
      byShots: new Map([[1, figures(value)]]),
    }]]),
  }));
  const about = { experiment: "custom", dataset: "x", fold, setting: 1, protocol, support: "s", step: 9 };
  return makeScores({ ...about, shots: [1], supports: ["s"] }, classes);
}

Deno.test("resultsForTerminal() colours Dice by the baselines it beats, and shows the same without colours", () => {
  const scores = scoresOf({ LIVER: 0.6, RK: 0.4, LK: 0.1, 脾臓: null });
  const coloured = resultsForTerminal(scores, { columns: 80, colour: true });
  assert.equal(
    resultsForTerminal(scores, { columns: 80, colour: false }),
    [
      "class  cases   Dice    IoU              copied  interval",
      "LIVER      1  60.00  42.86  ▪▪▪▪▪▪····   50.00     30.00",
      "RK         1  40.00  25.00  ▪▪▪▪······   50.00     30.00",
      "LK         1  10.00   5.26  ▪·········   50.00     30.00",
      "脾臓       1      –      –               50.00     30.00",
      "mean          36.67  24.37  ▪▪▪▪······   50.00     30.00",
    ].join("\n"),
  );
  const plain = stripVTControlCharacters(coloured).split("\n");
  assert.equal(plain.pop(), "Dice green: above both baselines; yellow: one; red: none");
  assert.equal(plain.join("\n"), resultsForTerminal(scores, { columns: 80, colour: false }));
  for (const [code, text] of [[32, "60.00"], [33, "40.00"], [31, "10.00"]] as const) {
    assert.ok(coloured.includes(`\x1b[${code}m${text}`), `${text} in colour ${code}`);
  }
});

Deno.test("resultsForTerminal() fits the terminal: columns are left out, then names cut", () => {
  const scores = scoresOf({ "a class with a very long name that goes on and on": 0.6, 肝: 0.2 }, "volume");
  for (const columns of [200, 120, 80, 60, 40, 30]) {
    const lines = resultsForTerminal(scores, { columns, colour: false }).split("\n");
    for (const line of lines) assert.ok(stringWidth(line) <= columns, `${columns}: ${line}`);
    assert.match(lines[0], /Dice/);
    assert.equal(/HD95/.test(lines[0]), columns >= 80);
  }
});

Deno.test("resultsForTerminal() shows spreads of a summary, and of very many classes the worst and the best", () => {
  const folds = [0, 1].map((fold) => scoresOf({ LIVER: 0.6 + 0.1 * fold }, "published", fold));
  assert.match(resultsForTerminal(summarize(folds), { columns: 80, colour: false }), /^LIVER +65\.00 ± 7\.07 /m);
  const many = scoresOf(Object.fromEntries(Array.from({ length: 117 }, (_, i) => [`class ${i}`, i / 117])));
  const lines = resultsForTerminal(many, { columns: 80, colour: false }).split("\n");
  assert.equal(lines.length, 1 + 12 + 4 + 1 + 1);
  assert.match(lines[1], /^class 0 /);
  assert.match(lines.at(-1)!, /^the 12 worst and the 4 best of 117 classes$/);
});
