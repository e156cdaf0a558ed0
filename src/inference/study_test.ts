import assert from "node:assert/strict";
import { makeScores, type RunDescription, type Scores } from "./results.ts";
import { studyOf } from "./study.ts";
import { runsCsv, studyCsv, studyLatex, studyMarkdown, studyTable } from "./study_tables.ts";

/** Scores with one case a class; the baselines do half as well. */
function scores(about: Partial<RunDescription>, dice: Record<string, number>): Scores {
  const run: RunDescription = {
    ...{ experiment: "sabs", dataset: "SABS", fold: 0, setting: 1, protocol: "published", step: 9, support: "s" },
    ...{ shots: [1], supports: ["s"], ...about },
  };
  const figures = (value: number) => ({
    ...{ dice: value, iou: value / 2 },
    ...(run.protocol === "volume" ? { hd95Mm: 4, assdMm: 1 } : {}),
  });
  return makeScores(
    run,
    Object.entries(dice).map(([name, value], label) => {
      const network = figures(value), half = figures(value / 2);
      const measured = {
        slices: 3,
        figures: { network, copy: half, interval: half },
        byShots: new Map([[1, network]]),
      };
      return { name, label: label + 1, cases: new Map([["9", measured]]) };
    }),
  );
}

const all = (value: number) => ({ LIVER: value, RK: value, LK: value, SPLEEN: value });

const study = studyOf([
  { seed: 1, scores: scores({ fold: 0 }, all(0.2)) },
  { seed: 1, scores: scores({ fold: 1 }, all(0.4)) },
  { seed: 2, scores: scores({ fold: 0 }, all(0.6)) },
  { seed: 2, scores: scores({ fold: 1 }, all(0.8)) },
  { seed: 1, scores: scores({ protocol: "volume" }, all(0.1)) },
  { seed: 1, scores: scores({ setting: 2, experiment: "phantom", dataset: "phantom" }, { A: 0.5, B: 0.7 }) },
]);

Deno.test("studyOf() puts folds and seeds of one set, setting and protocol together, and no others", () => {
  const [published, volume, phantom] = study.groups;
  assert.equal(study.groups.length, 3);
  assert.deepEqual(published.dice.folds.map((value) => value!.toFixed(2)), ["0.20", "0.40", "0.60", "0.80"]);
  assert.deepEqual(published.runs.map(({ seed, fold }) => [seed, fold]), [[1, 0], [1, 1], [2, 0], [2, 1]]);
  assert.ok(Math.abs(published.dice.mean! - 0.5) < 1e-9);
  // of a sample of four, and of the two seeds' means 0.3 and 0.7
  assert.ok(Math.abs(published.dice.sd! - Math.sqrt(0.2 / 3)) < 1e-9);
  assert.deepEqual(published.overSeeds!.seeds, [1, 2]);
  assert.ok(Math.abs(published.overSeeds!.sd! - Math.sqrt(0.08)) < 1e-9);
  assert.equal(volume.overSeeds, null);
  assert.deepEqual([phantom.setting, phantom.comparison], [2, null]);
});

Deno.test("studyTable() has a row a group with its runs and both baselines", () => {
  assert.deepEqual(studyTable(study), [
    [
      ...["data set", "Setting", "protocol", "runs", "Dice", "IoU", "HD95, mm", "ASSD, mm", "Dice of seeds"],
      ...["copied mask", "intensity interval"],
    ],
    [
      ...["SABS", "1", "published", "2 folds × 2 seeds", "50.00 ± 25.82", "25.00 ± 12.91", "–", "–", "50.00 ± 28.28"],
      ...["25.00 ± 12.91", "25.00 ± 12.91"],
    ],
    [
      ...["SABS", "1", "volume", "1 fold", "10.00 ± –", "5.00 ± –", "4.00 ± –", "1.00 ± –", "–"],
      ...["5.00 ± –", "5.00 ± –"],
    ],
    [
      ...["phantom", "2", "published", "1 fold", "60.00 ± –", "30.00 ± –", "–", "–", "–", "30.00 ± –", "30.00 ± –"],
    ],
  ]);
});

Deno.test("studyMarkdown() and studyLatex() show every protocol beside what is printed of the set", () => {
  const text = studyMarkdown(study);
  const [, sabs, phantom] = text.split(/^## /m);
  const rows = (part: string) => part.split("\n").filter((line) => line.startsWith("|"));
  assert.deepEqual(rows(sabs).slice(0, 9).map((row) => row.split(" | ")[0]), [
    ...["| ", "| ---", "| published: this run", "| published: copied mask", "| published: intensity interval"],
    ...["| volume: this run", "| volume: copied mask", "| volume: intensity interval", "| DFDT, as printed"],
  ]);
  assert.match(sabs, /^SABS, Setting 1$/m);
  assert.match(sabs, /^\| published: this run( \| 50\.00 ± 25\.82){5} \|$/m);
  assert.match(sabs, /^Caution: the printed figures are by protocol `published`/m);
  assert.deepEqual(rows(phantom)[0], "|  | A | B | mean |");
  assert.match(phantom, /Nothing is published on phantom/);
  const latex = studyLatex(study);
  assert.equal(latex.match(/\\begin\{tabular\}/g)!.length, 3);
  for (const table of latex.split("\\begin{tabular}").slice(1)) {
    const columns = /^\{(l+r+)\}/.exec(table)![1].length;
    const lines = table.split("\n").filter((line) => line.endsWith("\\\\"));
    assert.ok(lines.length > 3 && lines.every((line) => line.split(" & ").length === columns));
  }
});

Deno.test("studyCsv() has the spreads, runsCsv() every value with what its run was", () => {
  const spreads = studyCsv(study).trim().split("\n"), runs = runsCsv(study).trim().split("\n");
  assert.match(spreads[0], /^experiment,dataset,setting,protocol,method,class,measure,runs,mean,sd,smallest,largest$/);
  assert.ok(
    spreads.some((line) => /^sabs,SABS,1,published,this run,LIVER,dice,4,0\.5,0\.258\d+,0\.2,0\.8$/.test(line)),
  );
  // 3 methods × (5 × (2 + 4) + 3 × 2) measures of classes and their mean
  assert.equal(spreads.length, 1 + 3 * (5 * 6 + 6));
  assert.ok(runs.includes("sabs,SABS,1,published,this run,RK,dice,2,1,s,9,0.8"));
  assert.equal(runs.length, 1 + 3 * (5 * (4 * 2 + 4) + 6));
});
