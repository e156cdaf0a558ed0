import type { BenchRow } from "./measure.ts";

/** Processors that our adapter without a GPU, and a peer, keep busy. */
export const OURS = Math.min(2, navigator.hardwareConcurrency);

/** Three digits, or a dash. */
export const digits = (value: number | null | undefined) =>
  typeof value !== "number" ? "–" : value >= 1000 ? value.toFixed(0) : value.toPrecision(3);

/** Milliseconds of the fastest peer by the clock that computes in 32 bits as we do; `undefined` where there is none. */
export function fasterPeer({ peers }: BenchRow): number | undefined {
  const times = Object.entries(peers).flatMap(([name, ms]) => ms === null || name.endsWith("TF32") ? [] : ms);
  return times.length === 0 ? undefined : Math.min(...times);
}

/** Least processor time of a peer, divided by its threads; `undefined` where there is none. */
export function leastProcessor({ peers, processor_ms = {} }: BenchRow): number | undefined {
  const times = Object.keys(peers).flatMap((peer) => {
    const ms = processor_ms[peer], threads = parseInt(/(\d+) threads?/.exec(peer)?.[1] ?? "1");
    return ms ? ms / threads : [];
  });
  return times.length === 0 ? undefined : Math.min(...times);
}

/** Ours to the faster peer: by the clock, and by processor time divided by threads, which a busy machine changes less. */
export function ratiosOf(row: BenchRow): { clock?: number; processor?: number } {
  const fastest = fasterPeer(row), least = leastProcessor(row), ours = row.processor_ms?.ours;
  return {
    clock: fastest === undefined ? undefined : row.ours_ms / fastest,
    processor: least === undefined || !ours ? undefined : ours / OURS / least,
  };
}
