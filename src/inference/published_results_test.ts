import assert from "node:assert/strict";
import { PUBLISHED_CLASSES, publishedResults } from "./published_results.ts";

const SETS = [["SABS", 1], ["SABS", 2], ["CHAOST2", 1], ["CHAOST2", 2]] as const;

Deno.test("publishedResults() holds the printed tables, DFDT first", () => {
  assert.deepEqual(SETS.map(([dataset, setting]) => publishedResults(dataset, setting).length), [10, 9, 11, 9]);
  for (const [dataset, setting] of SETS) {
    const [own, ...peers] = publishedResults(dataset, setting);
    assert.deepEqual([own.method, own.year], ["DFDT", undefined]);
    assert.ok(peers.some(({ method, year }) => method === "RPT" && year === 2023));
    for (const { dice } of [own, ...peers]) assert.deepEqual(Object.keys(dice), PUBLISHED_CLASSES);
  }
  assert.deepEqual(publishedResults("CHAOST2", 2)[0].dice, { LIVER: 84.19, RK: 86.31, LK: 76.85, SPLEEN: 73.91 });
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
