import assert from "node:assert/strict";
import { benchRow, timing } from "../bench/measure.ts";
import { run } from "./pipeline/command_line.ts";

Deno.test("timing() is the median and the distance of the quartiles", () => {
  assert.deepEqual(timing([5, 1, 2, 4, 3]), { median: 3, spread: 2 });
  assert.deepEqual(timing([1, 2]), { median: 1.5, spread: 0.5 });
});

Deno.test("benchRow() derives the rate and its share of the limit", () => {
  const row = benchRow({ suite: "ops", name: "x", work_gflop: 0.5 }, { median: 100, spread: 1 }, 20);
  assert.deepEqual([row.gflops, row.roofline, row.peers], [5, 0.25, {}]);
  const other = benchRow({ suite: "ops", name: "x", work_gflop: null }, { median: 100, spread: 1 }, 20);
  assert.deepEqual([other.gflops, other.roofline], [null, null]);
});

Deno.test("bench pipeline prints a line a row and writes its JSON as documented", async () => {
  const file = await Deno.makeTempFile();
  const small = ["--size", "96", "--slices", "6", "--rounds", "2"];
  const { code, stdout, stderr } = await run("bench", "pipeline", ...small, "--json", file);
  assert.equal(code, 0, stderr);
  const report = JSON.parse(await Deno.readTextFile(file));
  assert.deepEqual(Object.keys(report), ["machine", "adapter", "date", "rows"]);
  assert.equal(report.rows.length, stdout.trim().split("\n").length - 1);
  for (const { ours_ms, spread_ms } of report.rows) assert.ok(ours_ms > 0 && spread_ms >= 0);
  const names = report.rows.map(({ name }: { name: string }) => name);
  const stages = ["window", "resample", "index", "supervoxels"].map((stage) => `${stage}, 96 × 96 × 6`);
  assert.deepEqual(names.slice(1), stages.flatMap((name) => [name, `${name}, processor time`]));
  for (const { peers, peak_mib } of report.rows.filter(({ name }: { name: string }) => stages.includes(name))) {
    assert.deepEqual(peers, { "reference Python": null }, "not measured unless asked for");
    if (Deno.build.os === "linux") assert.ok(peak_mib.ours > 20, `${peak_mib.ours} MiB`);
  }
  await Deno.remove(file);
});

Deno.test("bench pipeline refuses a size, and a folder that does not hold the reference's Python", async () => {
  for (
    const [args, message] of [
      [["--size", "9"], /Cannot use --size "9": expected a whole number in 64\.\.512/],
      [["--reference", "src"], /Cannot use --reference "src": expected nifti\.py, .*, found no nifti\.py/],
    ] as const
  ) {
    const { code, stderr } = await run("bench", "pipeline", ...args);
    assert.equal(code, 2);
    assert.match(stderr, message);
  }
});
