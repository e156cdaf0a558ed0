import { Argument, Command } from "@commander-js/extra-typings";
import { readFile } from "node:fs/promises";
import type { BenchRow } from "../../bench/measure.ts";
import type { PipelineBenchOptions } from "../../bench/pipeline.ts";
import { openDevice } from "../gpu/mod.ts";
import { wholeNumber } from "./whole_number.ts";

/** What a suite calls for every row. */
type OnRow = (row: BenchRow) => void;

const SUITES: Record<Suite, (onRow: OnRow, options: PipelineBenchOptions) => Promise<void>> = {
  ops: async (onRow) => await (await import("../../bench/ops.ts")).ops(onRow),
  network: async (onRow) => await (await import("../../bench/network.ts")).network(onRow),
  pipeline: async (onRow, options) => await (await import("../../bench/pipeline.ts")).pipeline(onRow, options),
};

type Suite = "ops" | "network" | "pipeline";

/** `deno task bench [ops|network|pipeline]`: times our own code, and peers where they are installed, in the same run. */
export function command() {
  return new Command("bench")
    .description("benchmarks, beside peers")
    .addArgument(
      new Argument("[suite]", "one suite; all unless given").choices(["ops", "network", "pipeline"] as const),
    )
    .option("--json <file>", "writes machine, adapter, date and all rows")
    .option("--size <n>", "pipeline: side of a slice in voxels", (text) => wholeNumber(text, "--size", [64, 512]), 192)
    .option("--slices <n>", "pipeline: slices of the case", (text) => wholeNumber(text, "--slices", [4, 200]), 24)
    .option(
      "--rounds <n>",
      "pipeline: how often every stage is made",
      (text) => wholeNumber(text, "--rounds", [1, 99]),
      3,
    )
    .option("--reference <dir>", "pipeline: folder of a Python implementation of the stages, to be timed as well")
    .action(async (suite, { json, ...options }) => {
      const { adapterName } = await openDevice();
      const machine = await machineName();
      console.log(`${machine}, ${adapterName}`);
      const rows: BenchRow[] = [];
      for (const name of suite ? [suite] : ["ops", "network", "pipeline"] as const) {
        const onRow = (row: BenchRow) => {
          rows.push(row);
          console.log(describe(row));
        };
        await SUITES[name](onRow, options);
      }
      if (json === undefined) return;
      const report = { machine, adapter: adapterName, date: new Date().toISOString(), rows };
      await Deno.writeTextFile(json, JSON.stringify(report, undefined, 1) + "\n");
    });
}

function describe({ suite, name, ours_ms, spread_ms, gflops, roofline, peers, peak_mib = {} }: BenchRow): string {
  const rate = gflops === null ? "" : `${gflops.toFixed(1).padStart(8)} GFLOP/s`;
  const share = roofline === null ? "" : `${(100 * roofline).toFixed(0).padStart(4)} %`;
  const others = Object.entries(peers).map(([peer, ms]) => `  ${peer} ${ms === null ? "–" : `${ms.toFixed(2)} ms`}`);
  const time = `${ours_ms.toFixed(2)} ms ± ${spread_ms.toFixed(2)}`;
  const peaks = Object.entries(peak_mib).flatMap(([who, mib]) => mib === null ? [] : `${mib.toFixed(0)} (${who})`);
  const memory = peaks.length > 0 ? `  peak MiB ${peaks.join(", ")}` : "";
  return `${suite.padEnd(8)} ${name.padEnd(58)} ${time.padStart(20)}${rate}${share}${others.join("")}${memory}`;
}

async function machineName(): Promise<string> {
  const text = await readFile("/proc/cpuinfo", "utf8").catch(() => "");
  const model = /model name\s*:\s*(.*)/.exec(text)?.[1] ?? Deno.build.target;
  return `${model}, ${navigator.hardwareConcurrency} cores`;
}
