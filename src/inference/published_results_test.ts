import assert from "node:assert/strict";
import { PUBLISHED_CLASSES, publishedResults } from "./published_results.ts";

const SETS = [["SABS", 1], ["SABS", 2], ["CHAOST2", 1], ["CHAOST2", 2]] as const;

Deno.test("publishedResults() holds the printed tables, DFDT first", () => {
  assert.deepEqual(SETS.map(([dataset, setting]) => publishedResults(dataset, setting).length), [14, 13, 15, 13]);
  for (const [dataset, setting] of SETS) {
    const [own, ...peers] = publishedResults(dataset, setting);
    assert.deepEqual([own.method, own.year], ["DFDT", undefined]);
    assert.ok(peers.some(({ method, year }) => method === "RPT" && year === 2023));
    for (const { dice } of [own, ...peers]) assert.deepEqual(Object.keys(dice), PUBLISHED_CLASSES);
  }
  assert.deepEqual(publishedResults("CHAOST2", 2)[0].dice, { LIVER: 84.19, RK: 86.31, LK: 76.85, SPLEEN: 73.91 });
});

Deno.test("publishedResults() says where every row is printed, newer methods included", () => {
  for (const [dataset, setting] of SETS) {
    const bySource = Map.groupBy(publishedResults(dataset, setting), ({ source }) => source);
    assert.deepEqual([...bySource.keys()], ["DFDT printed table", "FoB_SAM README table 1"]);
    assert.deepEqual(
      bySource.get("FoB_SAM README table 1")!.map(({ method, year }) => [method, year]),
      [["GMRD", 2024], ["ProtoSAM", 2025], ["AM-SAM", undefined], ["FoB + SAM", 2026]],
    );
  }
  const last = publishedResults("SABS", 1).at(-1)!;
  assert.deepEqual([last.dice, last.mean], [{ LIVER: 86.51, RK: 86.51, LK: 87.29, SPLEEN: 84.54 }, 86.21]);
});

Deno.test("publishedResults() has RPT's figures under its own column names, and a note that says so", () => {
  const printedThere: Record<string, number[]> = {}; // under LIVER, RK, LK, SPLEEN of DFDT's table
  for (const [dataset, setting] of SETS) {
    const noted = publishedResults(dataset, setting).filter(({ note }) => note !== undefined);
    assert.deepEqual(noted.map(({ method }) => method), ["RPT"]);
    const [{ dice, note }] = noted;
    const printed = /^printed there as LIVER (\S+) RK (\S+) LK (\S+) SPLEEN (\S+): RPT's own column order/.exec(note!)!;
    printedThere[`${dataset} ${setting}`] = printed.slice(1).map(Number);
    assert.deepEqual([dice.LK, dice.RK, dice.SPLEEN, dice.LIVER], printedThere[`${dataset} ${setting}`]);
  }
  assert.deepEqual(printedThere["SABS 1"], [77.05, 79.13, 72.58, 82.57]);
});

Deno.test("publishedResults() has none where nothing is printed", () => {
  for (const dataset of ["CMR", "phantom", "sabs"]) assert.deepEqual(publishedResults(dataset, 1), []);
});

Deno.test("publishedResults() finds the printed means that do not follow from their rows, and only those", () => {
  const wrong = SETS.flatMap(([dataset, setting]) =>
    publishedResults(dataset, setting).filter(({ isConsistent }) => !isConsistent)
      .map(({ method, mean, meanOfClasses }) => [dataset, setting, method, mean, meanOfClasses.toFixed(2)])
  );
  assert.deepEqual(wrong, [
    ["SABS", 1, "ISI-Net", 77.77, "77.87"],
    ["SABS", 2, "DSPNet", 66.17, "66.91"],
    ["CHAOST2", 1, "DFDT", 84.31, "83.90"],
  ]);
});
