import { loadavg } from "node:os";
import { dirname, join } from "node:path";
import { UserError } from "../src/errors.ts";
import { markdownTable } from "../src/inference/results_tables.ts";
import type { BenchRow } from "./measure.ts";
import { opsChart } from "./ops_chart.ts";
import { opsTables } from "./ops_tables.ts";
import { digits, fasterPeer, leastProcessor, OURS } from "./ratios.ts";

/** What a table tells of the run that made it. */
export interface TableOf {
  /** All rows; those of the suite count. */
  rows: readonly BenchRow[];
  /** Machine and adapter. */
  about: string;
  /** Arguments of the command. */
  command: readonly string[];
}

const mark = (suite: string) => [`<!-- bench ${suite} -->`, `<!-- end of bench ${suite} -->`] as const;

/** The chart of the operators, from the folder of the page that shows it. */
const CHART = "docs/pictures/bench_ops.svg";

/**
 * Writes the rows of a suite into a page, in place of what stands between its marks, and the chart that the page shows.
 *
 * @throws {UserError} if the page does not have them
 */
export async function writeTable(file: string, suite: string, table: TableOf): Promise<void> {
  const page = await Deno.readTextFile(file).catch(() => "");
  const written = withTable(page, suite, { ...table, load: loadavg()[0], date: new Date() }, file);
  if (suite === "ops") {
    const chart = join(dirname(file), CHART);
    await Deno.mkdir(dirname(chart), { recursive: true });
    await Deno.writeTextFile(chart, opsChart(table.rows.filter((row) => row.suite === suite)));
  }
  await Deno.writeTextFile(file, written);
}

/** The page with the rows of a suite between its marks. */
export function withTable(
  page: string,
  suite: string,
  { rows, about, command, load, date }: TableOf & { load: number; date: Date },
  file: string,
): string {
  const [start, end] = mark(suite);
  const from = page.indexOf(start), to = page.indexOf(end);
  if (from < 0 || to < from) {
    throw new UserError("usage", `Cannot write into "${file}": expected the lines ${start} and ${end}, found none`);
  }
  const shown = rows.filter((row) => row.suite === suite);
  const words = command.map((word) => /[\s,]/.test(word) ? `"${word}"` : word).join(" ");
  const how = `\`./dfdt ${words}\` on ${date.toISOString().slice(0, 10)}, ${about}, load ${
    load.toFixed(1)
  } at its end:`;
  const tables = suite === "ops" ? opsTables(shown, CHART, !command.includes("--only")) : networkTable(shown);
  return `${page.slice(0, from)}${start}\n\n${how}\n\n${tables}\n\n${page.slice(to)}`;
}

/** Rows beside their peers: by the clock, and by processor time divided by threads. */
function networkTable(rows: readonly BenchRow[]): string {
  const peers = [...new Set(rows.flatMap(({ peers }) => Object.keys(peers)))];
  const head = [
    ...["what", "ours, ms", "GFLOP/s"],
    ...peers.map((peer) => `${peer}, ms`),
    ...["ours / the faster", "by processor time"],
  ];
  const body = rows.map((row) => {
    const { name, ours_ms, gflops, peers: times, processor_ms = {} } = row;
    const fastest = fasterPeer(row), least = leastProcessor(row), ours = processor_ms.ours;
    return [
      ...[name, digits(ours_ms), digits(gflops)],
      ...peers.map((peer) => digits(times[peer])),
      fastest === undefined ? "–" : digits(ours_ms / fastest),
      least === undefined || !ours ? "–" : digits(ours / OURS / least),
    ];
  });
  return markdownTable([head, ...body]);
}
