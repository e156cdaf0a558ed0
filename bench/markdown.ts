import { loadavg } from "node:os";
import { UserError } from "../src/errors.ts";
import type { BenchRow } from "./measure.ts";

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

/**
 * Writes the rows of a suite into a page, in place of what stands between its marks.
 *
 * @throws {UserError} if the page does not have them
 */
export async function writeTable(file: string, suite: string, table: TableOf): Promise<void> {
  const page = await Deno.readTextFile(file).catch(() => "");
  await Deno.writeTextFile(file, withTable(page, suite, { ...table, load: loadavg()[0], date: new Date() }, file));
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
  return `${page.slice(0, from)}${start}\n\n${how}\n\n${tableOf(shown)}\n\n${page.slice(to)}`;
}

/** Processors that our adapter without a GPU, and a peer, keep busy. */
const OURS = Math.min(2, navigator.hardwareConcurrency);

const digits = (value: number | null | undefined) => typeof value === "number" ? value.toPrecision(3) : "–";

/** Rows beside their peers: by the clock, and by processor time divided by threads. */
function tableOf(rows: readonly BenchRow[]): string {
  const peers = [...new Set(rows.flatMap(({ peers }) => Object.keys(peers)))];
  const head = [
    ...["operator, pass", "ours, ms", "GFLOP/s", "of the limit"],
    ...peers.map((peer) => `${peer}, ms`),
    ...["ours / the faster", "by processor time"],
  ];
  const body = rows.map(({ name, ours_ms, spread_ms, gflops, roofline, peers: times, processor_ms = {} }) => {
    const fastest = Math.min(...peers.flatMap((peer) => times[peer] ?? []));
    const least = Math.min(...peers.flatMap((peer) => {
      const processor = processor_ms[peer];
      return processor ? processor / (parseInt(/(\d+) threads?/.exec(peer)?.[1] ?? "1")) : [];
    }));
    const ours = processor_ms.ours;
    return [
      ...[name, `${digits(ours_ms)} ± ${digits(spread_ms)}`, digits(gflops)],
      roofline === null ? "–" : `${(100 * roofline).toFixed(0)} %`,
      ...peers.map((peer) => digits(times[peer])),
      isFinite(fastest) ? digits(ours_ms / fastest) : "–",
      isFinite(least) && ours ? digits(ours / OURS / least) : "–",
    ];
  });
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...body.map(line)].join("\n");
}
