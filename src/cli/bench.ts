import { Argument, Command } from "@commander-js/extra-typings";
import { readFile } from "node:fs/promises";
import type { BenchRow } from "../../bench/measure.ts";
import { openDevice } from "../gpu/mod.ts";

const SUITES: Record<"ops" | "network" | "pipeline", () => Promise<(onRow: (row: BenchRow) => void) => Promise<void>>> =
  {
    ops: async () => (await import("../../bench/ops.ts")).ops,
    network: async () => (await import("../../bench/network.ts")).network,
    pipeline: async () => (await import("../../bench/pipeline.ts")).pipeline,
  };

/** `deno task bench [ops|network|pipeline]`: times our own code, and peers where they are installed, in the same run. */
export function command() {
  return new Command("bench")
    .description("benchmarks, beside peers")
    .addArgument(
      new Argument("[suite]", "one suite; all unless given").choices(["ops", "network", "pipeline"] as const),
    )
    .option("--json <file>", "writes machine, adapter, date and all rows")
    .action(async (suite, { json }) => {
      const { adapterName } = await openDevice();
      const machine = await machineName();
      console.log(`${machine}, ${adapterName}`);
      const rows: BenchRow[] = [];
      for (const name of suite ? [suite] : ["ops", "network", "pipeline"] as const) {
        await (await SUITES[name]())((row) => {
          rows.push(row);
          console.log(describe(row));
        });
      }
      if (json === undefined) return;
      const report = { machine, adapter: adapterName, date: new Date().toISOString(), rows };
      await Deno.writeTextFile(json, JSON.stringify(report, undefined, 1) + "\n");
    });
}

function describe({ suite, name, ours_ms, spread_ms, gflops, roofline, peers }: BenchRow): string {
  const rate = gflops === null ? "" : `${gflops.toFixed(1).padStart(8)} GFLOP/s`;
  const share = roofline === null ? "" : `${(100 * roofline).toFixed(0).padStart(4)} %`;
  const others = Object.entries(peers).map(([peer, ms]) => `  ${peer} ${ms === null ? "–" : `${ms.toFixed(2)} ms`}`);
  const time = `${ours_ms.toFixed(2)} ms ± ${spread_ms.toFixed(2)}`;
  return `${suite.padEnd(8)} ${name.padEnd(58)} ${time.padStart(20)}${rate}${share}${others.join("")}`;
}

async function machineName(): Promise<string> {
  const text = await readFile("/proc/cpuinfo", "utf8").catch(() => "");
  const model = /model name\s*:\s*(.*)/.exec(text)?.[1] ?? Deno.build.target;
  return `${model}, ${navigator.hardwareConcurrency} cores`;
}
