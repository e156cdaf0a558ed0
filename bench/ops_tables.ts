import { markdownTable } from "../src/inference/results_tables.ts";
import type { BenchRow } from "./measure.ts";
import { digits, fasterPeer, ratiosOf } from "./ratios.ts";

/** Ends of the names of an operator's rows, and the heads of their columns. */
const PASSES: readonly [end: string, head: string][] = [
  [", forward", "forward"],
  [", gradient of the 1st input", "gradient of the 1st input"],
  [", gradient of the 2nd input", "gradient of the 2nd input"],
];

const WEB = ", forward, beside libraries for the web";

/** A peer with fewer bits, which is shown beside the ratio. */
const TF32 = "PyTorch CUDA, TF32";

const tf32 = (peers: BenchRow["peers"]) => TF32 in peers ? [digits(peers[TF32])] : [];

/** An operator with the rows of its passes, in the order of {@link PASSES}. */
export interface OperatorRows {
  /** What it is. */
  name: string;
  /** `undefined` where a pass was not timed. */
  passes: (BenchRow | undefined)[];
}

/** The rows of a run by operator. */
export function byOperator(rows: readonly BenchRow[]): OperatorRows[] {
  const operators = new Map<string, OperatorRows>();
  for (const row of rows) {
    const pass = PASSES.findIndex(([end]) => row.name.endsWith(end));
    if (pass < 0) continue;
    const name = row.name.slice(0, -PASSES[pass][0].length);
    const known = operators.get(name) ?? { name, passes: PASSES.map(() => undefined) };
    known.passes[pass] = row;
    operators.set(name, known);
  }
  return [...operators.values()];
}

/**
 * An operator a line, what a step of each network spends on all of them, libraries for the web; and the chart.
 *
 * @param complete whether all operators of the networks were timed
 */
export function opsTables(rows: readonly BenchRow[], chart: string, complete: boolean): string {
  const parts = [`![ours beside PyTorch](${chart})`, operatorTable(rows, complete), webTable(rows)];
  return parts.filter((part) => part !== "").join("\n\n");
}

function operatorTable(rows: readonly BenchRow[], complete: boolean): string {
  const networks = [...new Set(rows.flatMap(({ times = {} }) => Object.keys(times)))];
  const head = [
    ...["operator", ...networks.map((network) => `times in a \`${network}\` step`)],
    ...PASSES.flatMap(([, pass]) => [`${pass}: ours / PyTorch, ms`, "ratio (by processor time)"]),
    "forward, of the limit",
    ...(rows.some(({ peers }) => TF32 in peers) ? ["forward, PyTorch with TF32, ms"] : []),
  ];
  const cells = (row: BenchRow | undefined) => {
    if (!row) return ["", ""];
    const { clock, processor } = ratiosOf(row);
    return [`${digits(row.ours_ms)} / ${digits(fasterPeer(row))}`, `${digits(clock)} (${digits(processor)})`];
  };
  const body = byOperator(rows).map(({ name, passes }) => {
    const { times = {}, roofline = null, peers = {} } = passes[0] ?? {};
    const share = roofline === null ? "" : `${(100 * roofline).toFixed(0)} %`;
    return [
      name,
      ...networks.map((network) => String(times[network] ?? "")),
      ...passes.flatMap(cells),
      share,
      ...tf32(peers),
    ];
  });
  const blanks = head.slice(1 + networks.length + 2 * PASSES.length).map(() => "");
  const totals = networks.map((network) => {
    const share = PASSES.flatMap(([end]) => totalOf(rows.filter(({ name }) => name.endsWith(end)), network));
    return [`**all of a \`${network}\` step**`, ...networks.map(() => ""), ...share, ...blanks];
  });
  return markdownTable([head, ...body, ...complete ? totals : []]);
}

/** What a step spends on a pass, with a ratio only where all of it has a peer. */
function totalOf(rows: readonly BenchRow[], network: string): [string, string] {
  const own = rows.filter(({ times = {} }) => network in times);
  const sum = (of: (row: BenchRow) => number | undefined) =>
    own.reduce((total, row) => total + row.times![network] * (of(row) ?? NaN), 0);
  const ours = sum((row) => row.ours_ms), theirs = sum(fasterPeer);
  const processor = sum((row) => row.processor_ms?.ours ?? undefined);
  const least = sum((row) => {
    const { processor: ratio } = ratiosOf(row);
    return ratio === undefined ? undefined : row.processor_ms!.ours! / ratio;
  });
  const known = (value: number) => Number.isFinite(value) ? value : undefined;
  return [
    `${digits(known(ours))} / ${digits(known(theirs))}`,
    `${digits(known(ours / theirs))} (${digits(known(processor / least))})`,
  ];
}

function webTable(rows: readonly BenchRow[]): string {
  const web = rows.filter(({ name }) => name.endsWith(WEB));
  if (web.length === 0) return "";
  const peers = Object.keys(web[0].peers);
  const body = peers.map((peer) => [
    peer,
    ...web.map(({ peers: times, ours_ms, processor_ms = {}, failures = {} }) => {
      const ms = times[peer], { ours, [peer]: theirs } = processor_ms;
      if (ms === null) return failures[peer] ?? "–";
      return `${digits(ms)} ms, ${digits(ms / ours_ms)} (${digits(ours && theirs ? theirs / ours : undefined)})`;
    }),
  ]);
  const ours = ["ours", ...web.map(({ ours_ms }) => `${digits(ours_ms)} ms`)];
  const head = ["forward: time, peer / ours (by processor time)", ...web.map(({ name }) => name.slice(0, -WEB.length))];
  return markdownTable([head, ours, ...body]);
}
