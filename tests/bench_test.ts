import assert from "node:assert/strict";
import { sideBySide } from "../bench/against.ts";
import { withTable } from "../bench/markdown.ts";
import { benchRow, timing } from "../bench/measure.ts";
import { opsChart } from "../bench/ops_chart.ts";
import { opsTables } from "../bench/ops_tables.ts";
import { multiplyAdds, nameOf, NETWORKS, networkShapes, workOfStep } from "../bench/shapes.ts";
import { presetConfiguration } from "../experiments/common/presets.ts";
import { networkCost } from "../src/dfdt/mod.ts";
import { openDevice } from "../src/gpu/mod.ts";
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

Deno.test("withTable() replaces what stands between a suite's marks, with ratios by the clock and by processor time", () => {
  const peers = { "PyTorch CPU, 1 thread": 40, "PyTorch CPU, 2 threads": 25 };
  const processor_ms = { ours: 100, "PyTorch CPU, 1 thread": 40, "PyTorch CPU, 2 threads": 40 };
  const row = benchRow(
    { suite: "network", name: "x", work_gflop: null, peers, processor_ms },
    { median: 50, spread: 1 },
    20,
  );
  const other = benchRow({ suite: "ops", name: "y", work_gflop: null }, { median: 1, spread: 0 }, null);
  const about = { rows: [row, other], about: "a machine", command: ["bench", "network"], load: 0.1, date: new Date(0) };
  const page = "before\n<!-- bench network -->\nold\n<!-- end of bench network -->\nafter\n";
  const written = withTable(page, "network", about, "x.md");
  assert.ok(
    written.startsWith("before\n<!-- bench network -->\n\n`./dfdt bench network` on 1970-01-01, a machine, load 0.1"),
  );
  assert.ok(written.endsWith("<!-- end of bench network -->\nafter\n"));
  assert.match(written, /\| x \| 50\.0 \| – \| 40\.0 \| 25\.0 \| 2\.00 \| 2\.50 \|/);
  assert.doesNotMatch(written, /old|\| y \|/);
  assert.equal(withTable(written, "network", about, "x.md"), written);
  assert.throws(
    () => withTable("no marks", "network", about, "x.md"),
    /Cannot write into "x\.md": expected the lines <!-- bench/,
  );
});

Deno.test("opsTables() has an operator a line, the totals of a step, and why a library for the web has no time", () => {
  const row = (name: string, ours: number, times?: Record<string, number>) =>
    benchRow(
      {
        ...{ suite: "ops", name, work_gflop: 1, peers: { "PyTorch CPU, 1 thread": 4, "PyTorch CPU, 2 threads": 2 } },
        ...{ processor_ms: { ours: 8, "PyTorch CPU, 1 thread": 4, "PyTorch CPU, 2 threads": 6 }, times },
      },
      { median: ours, spread: 0 },
      1000,
    );
  const web = benchRow(
    {
      ...{ suite: "ops", name: "a, forward, beside libraries for the web", work_gflop: null },
      ...{ peers: { slow: 30, broken: null }, processor_ms: { ours: 5, slow: 20 }, failures: { broken: "no adapter" } },
    },
    { median: 3, spread: 0 },
    null,
  );
  const rows = [
    row("a, forward", 4, { paper: 3, tiny: 1 }),
    row("a, gradient of the 2nd input", 6, { paper: 3, tiny: 1 }),
    row("b, forward", 1, { paper: 2 }),
    row("c, forward", 1),
    web,
  ];
  const page = opsTables(rows, "chart.svg", true);
  assert.ok(page.startsWith("![ours beside PyTorch](chart.svg)\n\n| operator | times in a `paper` step |"));
  assert.match(
    page,
    /\| a \| 3 \| 1 \| 4\.00 \/ 2\.00 \| 2\.00 \(1\.33\) \| {2}\| {2}\| 6\.00 \/ 2\.00 \| 3\.00 \(1\.33\) \| 25 % \|/,
  );
  assert.match(page, /\| c \| {2}\| {2}\| 1\.00 \/ 2\.00 /);
  // 3 · 4 + 2 · 1 of ours, 3 · 2 + 2 · 2 of PyTorch's
  assert.match(page, /\| \*\*all of a `paper` step\*\* \| {2}\| {2}\| 14\.0 \/ 10\.0 \| 1\.40 \(1\.33\) \|/);
  assert.match(page, /\| ours \| 3\.00 ms \|\n\| slow \| 30\.0 ms, 10\.0 \(4\.00\) \|\n\| broken \| no adapter \|/);
  assert.doesNotMatch(opsTables(rows, "chart.svg", false), /all of a/);
  const chart = opsChart(rows);
  assert.equal(chart.match(/<circle/g)!.length, 3, "a point a pass of each operator of the published network");
  assert.match(chart, /^<svg[^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
});

Deno.test("workOfStep() counts what a training step multiplies, without computing it", async () => {
  await openDevice();
  for (const network of NETWORKS) {
    const counted = workOfStep(network).reduce((sum, work) => sum + multiplyAdds(work), 0);
    const { perEpisode } = networkCost(presetConfiguration(network).network);
    assert.ok(Math.abs(counted / perEpisode - 1) < 0.05, `${network}: ${counted} of ${perEpisode}`);
  }
});

Deno.test("networkShapes() has every shape once, with its count in a step", async () => {
  await openDevice();
  const shapes = networkShapes(), names = shapes.map(({ work }) => nameOf(work));
  assert.equal(new Set(names).size, names.length);
  const dilated = shapes[names.indexOf("convolution 3×3 256→256 on 2×65×65 with dilation 4")];
  assert.deepEqual([dilated.times, dilated.work.tracked], [{ paper: 22 }, [true, true]]);
  const [first] = shapes.filter(({ work }) => work.sizes.kernelWidth === 7 && work.sizes.height === 257);
  assert.deepEqual([first.times, first.work.tracked], [{ paper: 1 }, [false, true]], "an image has no gradient");
});

Deno.test("sideBySide() has the medians of the rows that both builds have, whatever their peaks", () => {
  const row = (name: string, median: number) =>
    benchRow({ suite: "network", name, work_gflop: null }, { median, spread: 0 }, null);
  const ours = [[row("a (peak 9 MiB)", 3), row("new", 1)], [row("a (peak 8 MiB)", 5), row("new", 1)]];
  const theirs = [[row("a (peak 20 MiB)", 8), row("gone", 1)], [row("a (peak 20 MiB)", 10)]];
  const [only, ...others] = sideBySide(ours, theirs, "build abc");
  assert.deepEqual([only.name, only.ours_ms, only.peers], ["a", 4, { "build abc": 9 }]);
  assert.deepEqual(others, []);
});

Deno.test("bench refuses a revision that there is not", async () => {
  const { code, stderr } = await run("bench", "pipeline", "--against", "no such");
  assert.equal(code, 2);
  assert.match(stderr, /Cannot use --against "no such": expected a revision of the project's git repository/);
});
