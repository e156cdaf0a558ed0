import { Argument, Command } from "@commander-js/extra-typings";
import { readFile } from "node:fs/promises";
import type { BenchRow } from "../../bench/measure.ts";
import type { OpsBenchOptions } from "../../bench/ops.ts";
import type { PipelineBenchOptions } from "../../bench/pipeline.ts";
import { openDevice } from "../gpu/mod.ts";
import { wholeNumber } from "./whole_number.ts";

/** What a suite calls for every row. */
type OnRow = (row: BenchRow) => void;

type SuiteOptions = Omit<PipelineBenchOptions & OpsBenchOptions, "rounds"> & { rounds?: number };

/** How often everything is timed, unless given. */
const ROUNDS = { ops: 5, pipeline: 3 };

/** How often each of two builds runs. */
const TURNS = 3;

const SUITES: Record<Suite, (onRow: OnRow, options: SuiteOptions) => Promise<void>> = {
  ops: async (onRow, { only, webPeers, rounds = ROUNDS.ops }) =>
    await (await import("../../bench/ops.ts")).ops(onRow, { only, rounds, webPeers }),
  network: async (onRow, { only }) => await (await import("../../bench/network.ts")).network(onRow, { only }),
  pipeline: async (onRow, { rounds = ROUNDS.pipeline, ...options }) =>
    await (await import("../../bench/pipeline.ts")).pipeline(onRow, { ...options, rounds }),
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
      "--only <text>",
      "ops, network: what has this text in its name, or one of several with commas between",
      (text) => text.split(","),
    )
    .option(
      "--rounds <n>",
      `how often everything is timed: ops ${ROUNDS.ops}, pipeline ${ROUNDS.pipeline} unless given`,
      (text) => wholeNumber(text, "--rounds", [1, 99]),
    )
    .option(
      "--web-peers",
      "ops: times libraries for the web as well; the first time fetches 60 MB from npm into Deno's cache",
    )
    .option("--against <revision>", "times the build of another git revision as well, in turns with this one")
    .option(
      "--write <file>",
      "ops, network: writes the table into a page in Markdown, between its marks, and its chart",
    )
    .option("--reference <dir>", "pipeline: folder of a Python implementation of the stages, to be timed as well")
    .action(async (suite, { json, write, against: revision, ...options }) => {
      const { adapterName } = await openDevice();
      const machine = await machineName();
      console.log(`${machine}, ${adapterName}`);
      const rows: BenchRow[] = [], date = new Date().toISOString();
      // after every row: a run that is broken off has not been for nothing
      const keep = () => {
        if (json === undefined) return;
        const report = { machine, adapter: adapterName, date, rows };
        Deno.writeTextFileSync(json, JSON.stringify(report, undefined, 1) + "\n");
      };
      for (const name of suite ? [suite] : ["ops", "network", "pipeline"] as const) {
        const onRow = (row: BenchRow) => {
          rows.push(row);
          keep();
          console.log(describe(row));
        };
        if (revision === undefined) await SUITES[name](onRow, options);
        else {
          const { against } = await import("../../bench/against.ts");
          const rounds = options.rounds ?? (name === "network" ? 1 : ROUNDS[name]);
          await against(onRow, name, { revision, turns: TURNS, options: { ...options, rounds } });
        }
      }
      keep();
      if (write !== undefined) {
        const { writeTable } = await import("../../bench/markdown.ts");
        for (const name of ["ops", "network"]) {
          if (!rows.some((row) => row.suite === name)) continue;
          await writeTable(write, name, { rows, about: `${machine}, ${adapterName}`, command: Deno.args });
        }
      }
    });
}

function describe(
  { suite, name, ours_ms, spread_ms, gflops, roofline, peers, failures = {}, peak_mib = {} }: BenchRow,
): string {
  const rate = gflops === null ? "" : `${gflops.toFixed(1).padStart(8)} GFLOP/s`;
  const share = roofline === null ? "" : `${(100 * roofline).toFixed(0).padStart(4)} %`;
  const others = Object.entries(peers).map(([peer, ms]) => {
    return `  ${peer} ${ms === null ? failures[peer] ?? "–" : `${ms.toFixed(2)} ms`}`;
  });
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
