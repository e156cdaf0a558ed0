import assert from "node:assert/strict";
import { makeScores, type RunDescription, type Scores } from "./results.ts";
import { spread, summarize } from "./summary.ts";
import { summaryCsv, summaryLatex, summaryMarkdown } from "./summary_tables.ts";

/** Scores of a fold with one case a class; the baselines do half as well. */
function fold(number: number, dice: Record<string, number | null>, about: Partial<RunDescription> = {}): Scores {
  const run: RunDescription = {
    ...{ experiment: "phantom", dataset: "phantom", setting: 1, protocol: "published", step: 5, ...about },
    fold: number,
    support: String(number),
    shots: [1],
    supports: [String(number)],
  };
  const figures = (value: number | null) => ({
    ...{ dice: value, iou: value === null ? null : value / 2 },
    ...(run.protocol === "volume" ? { hd95Mm: 10 * number + 3, assdMm: number } : {}),
  });
  return makeScores(
    run,
    Object.entries(dice).map(([name, value], label) => {
      const network = figures(value), half = figures(value && value / 2);
      const measured = {
        slices: 3,
        figures: { network, copy: half, interval: half },
        byShots: new Map([[1, network]]),
      };
      return { name, label: label + 1, cases: new Map([["9", measured]]) };
    }),
  );
}

const sabs = (about: Partial<RunDescription> = {}) => ({ experiment: "sabs", dataset: "SABS", ...about });

Deno.test("spread() is mean, deviation of a sample, smallest and largest of what is defined", () => {
  assert.deepEqual(spread([3, null, 1]), { mean: 2, sd: Math.SQRT2, smallest: 1, largest: 3, folds: [3, null, 1] });
  assert.deepEqual(spread([0.5]), { mean: 0.5, sd: null, smallest: 0.5, largest: 0.5, folds: [0.5] });
  assert.deepEqual(spread([null]), { mean: null, sd: null, smallest: null, largest: null, folds: [null] });
});

const phantom = summarize([0.75, 0.5, null].map((dice, number) => fold(number, { "A_B, C": dice })));

Deno.test("summaryMarkdown() shows every fold, smallest and largest, the mean and both baselines, and says where nothing is published", () => {
  const lines = summaryMarkdown(phantom).split("\n");
  assert.match(lines[2], /^phantom, 3 folds, Setting 1, step 5\. Protocol `published`: the query slices that show/);
  assert.deepEqual(lines.slice(4), [
    "|  | fold 0 | fold 1 | fold 2 | smallest | largest | Dice | IoU |",
    "| --- | --- | --- | --- | --- | --- | --- | --- |",
    "| A_B, C | 75.00 | 50.00 | – | 50.00 | 75.00 | 62.50 ± 17.68 | 31.25 ± 8.84 |",
    "| mean | 75.00 | 50.00 | – | 50.00 | 75.00 | 62.50 ± 17.68 | 31.25 ± 8.84 |",
    "| copied mask | 37.50 | 25.00 | – | 25.00 | 37.50 | 31.25 ± 8.84 | 15.63 ± 4.42 |",
    "| intensity interval | 37.50 | 25.00 | – | 25.00 | 37.50 | 31.25 ± 8.84 | 15.63 ± 4.42 |",
    "",
    "## Beside the published results",
    "",
    "Nothing is published on phantom in Setting 1 that could stand beside these figures.",
    "",
  ]);
});

Deno.test("summaryCsv() and summaryLatex() escape names", () => {
  assert.match(summaryCsv(phantom), /^this run,,"A_B, C",dice,0\.75,0\.5,,0\.625,0\.1767\d*,0\.5,0\.75,,$/m);
  assert.match(summaryLatex(phantom), /^A\\_B, C & 75\.00 & 50\.00 & -- & 50\.00 & 75\.00 & 62\.50 \$\\pm\$ 17\.68/m);
});

const FOLD_0 = { SPLEEN: 0.1, RK: 0.2, LK: 0.3, LIVER: 0.4 }, FOLD_1 = { SPLEEN: 0.3, RK: 0.4, LK: 0.5, LIVER: 0.6 };

Deno.test("summaries of a published set stand beside DFDT and its peers, in the classes' printed order", () => {
  const summary = summarize([fold(0, FOLD_0, sabs()), fold(1, FOLD_1, sabs())]);
  const text = summaryMarkdown(summary);
  const [folds, beside] = text.split("## Beside the published results");
  assert.match(folds, /\| LIVER .*\n\| RK .*\n\| LK .*\n\| SPLEEN .*\n\| mean .*\n\| copied mask /);
  const rows = beside.split("\n").filter((line) => line.startsWith("|"));
  assert.deepEqual(rows.slice(0, 7), [
    "|  | LIVER | RK | LK | SPLEEN | mean |",
    "| --- | --- | --- | --- | --- | --- |",
    "| this run | 50.00 ± 14.14 | 30.00 ± 14.14 | 40.00 ± 14.14 | 20.00 ± 14.14 | 35.00 ± 14.14 |",
    "| copied mask | 25.00 ± 7.07 | 15.00 ± 7.07 | 20.00 ± 7.07 | 10.00 ± 7.07 | 17.50 ± 7.07 |",
    "| intensity interval | 25.00 ± 7.07 | 15.00 ± 7.07 | 20.00 ± 7.07 | 10.00 ± 7.07 | 17.50 ± 7.07 |",
    "| DFDT, as printed | 82.51 | 78.14 | 83.83 | 83.71 | 82.04 |",
    "| SSL-ALPNet (2020) | 78.29 | 71.81 | 72.36 | 70.96 | 73.35 |",
  ]);
  assert.equal(rows.length, 19);
  assert.equal(rows.at(-1), "| FoB + SAM (2026) | 86.51 | 86.51 | 87.29 | 84.54 | 86.21 |");
  assert.match(beside, /^\| ISI-Net \(2025\) \|.*\| 77\.77 † \|$/m);
  assert.match(beside, /^† Printed mean that does not follow from its row: ISI-Net 77\.77 \(its classes: 77\.87\)\.$/m);
  assert.match(beside, /^\| RPT \(2023\) ‡ \| 82\.57 \| 79\.13 \| 77\.05 \| 72\.58 \| 77\.83 \|$/m);
  assert.match(beside, /^‡ RPT, DFDT printed table: printed there as LIVER 77\.05 .*; here by name\.$/m);
  assert.match(
    beside,
    /^Printed figures are from: DFDT printed table \(DFDT, SSL-ALPNet, .*\); FoB_SAM README table 1 \(GMRD, .*\)\.$/m,
  );
  assert.doesNotMatch(beside, /Caution|Not tested/);
  const csv = summaryCsv(summary);
  assert.match(csv, /^method,year,class,measure,fold 0,fold 1,mean,sd,smallest,largest,source,note$/m);
  assert.match(csv, /^this run,,LIVER,dice,0\.4,0\.6,0\.5,0\.1414\d*,0\.4,0\.6,,$/m);
  assert.match(
    csv,
    /^RPT \(printed\),2023,LIVER,dice,,,0\.8257,,,,DFDT printed table,printed there as LIVER 77\.05 .*; here by name$/m,
  );
  assert.match(csv, /^GMRD \(printed\),2024,mean,dice,,,0\.7852,,,,FoB_SAM README table 1,$/m);
  assert.match(
    csv,
    /^ISI-Net \(printed\),2025,mean,dice,,,0\.7777,,,,DFDT printed table,"does not follow from its classes, which give 0\.7787"$/m,
  );
  const latex = summaryLatex(summary);
  assert.equal(latex.match(/\\begin\{tabular\}\{lrrrr/g)?.length, 2);
  assert.match(latex, /^DFDT, as printed & 82\.51 & 78\.14 & 83\.83 & 83\.71 & 82\.04 \\\\$/m);
  assert.match(latex, /77\.77\\textsuperscript\{\\dag\} \\\\$/m);
  assert.match(latex, /^RPT \(2023\)\\textsuperscript\{\\ddag\} & 82\.57 & /m);
  assert.match(latex, /^\\par\{\\footnotesize \\textsuperscript\{\\ddag\} RPT, DFDT printed table: .*\\par\}$/m);
  assert.match(latex, /^\\par\{\\footnotesize Printed figures are from: .*FoB\\_SAM README.*\\par\}$/m);
  assert.match(
    latex,
    /^\\par\{\\footnotesize \\textsuperscript\{\\dag\} Printed mean that does not follow .*\\par\}$/m,
  );
  // a row has as many cells as its table has columns
  for (const table of latex.split("\\begin{tabular}").slice(1)) {
    const columns = /^\{(l+r+)\}/.exec(table)![1].length;
    const lines = table.split("\n").filter((line) => line.endsWith("\\\\"));
    assert.ok(lines.length > 6 && lines.every((line) => line.split(" & ").length === columns));
  }
});

Deno.test("summaries under volume show distances and warn of the comparison", () => {
  const about = sabs({ protocol: "volume" });
  const summary = summarize([fold(0, FOLD_0, about), fold(1, FOLD_1, about)]);
  const text = summaryMarkdown(summary);
  assert.match(text, /^\|\s+\| fold 0 \| fold 1 \| smallest \| largest \| Dice \| IoU \| HD95, mm \| ASSD, mm \|$/m);
  assert.match(
    text,
    /^\| RK \| 20\.00 \| 40\.00 \| 20\.00 \| 40\.00 \| 30\.00 ± 14\.14 \| 15\.00 ± 7\.07 \| 8\.00 ± 7\.07 \| 0\.50 ± 0\.71 \|$/m,
  );
  assert.match(text, /^Caution: the printed figures are by protocol `published`/m);
  assert.match(summaryCsv(summary), /^this run,,RK,hd95Mm,3,13,8,7\.07\d*,3,13,,$/m);
  assert.match(
    summaryCsv(summary),
    /^RPT \(printed\),2023,mean,dice,,,0\.7783,,,,DFDT printed table,by protocol published: not comparable; printed there as /m,
  );
  assert.match(
    summaryLatex(summary),
    /^\\par\{\\footnotesize Caution: the printed figures are by protocol \\texttt\{published\}, /m,
  );
});

Deno.test("summaries leave out the mean where not every printed class is tested, and compare no other data of that name", () => {
  const few = summarize([fold(0, { LIVER: 0.5, AORTA: 0.1 }, sabs()), fold(1, { LIVER: 0.7, AORTA: 0.1 }, sabs())]);
  const text = summaryMarkdown(few);
  assert.match(text, /^\| this run \| 60\.00 ± 14\.14 \| – \| – \| – \| – \|$/m);
  assert.match(text, /^Not tested in this run: RK, LK, SPLEEN\.$/m);
  assert.match(text, /^\| LIVER .*\n\| AORTA /m);
  const custom = summarize([fold(0, FOLD_0, { experiment: "custom", dataset: "SABS" })]);
  assert.equal(custom.comparison, null);
  assert.equal(summarize([fold(0, FOLD_0, { experiment: "cmr", dataset: "CMR" })]).comparison, null);
});
