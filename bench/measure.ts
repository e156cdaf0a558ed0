import { finished } from "../src/gpu/mod.ts";

/** One line of `bench --json` (docs/file-formats.md, "`bench --json`"). */
export interface BenchRow {
  /** `ops`, `network` or `pipeline`. */
  suite: string;
  /** What was timed. */
  name: string;
  /** Arithmetic in GFLOP; `null` where it is not what takes the time. */
  work_gflop: number | null;
  /** Median in milliseconds. */
  ours_ms: number;
  /** Distance of the quartiles in milliseconds. */
  spread_ms: number;
  /** Rate. */
  gflops: number | null;
  /** Share (0..1) of the rate of multiply-adds on registers in the same run. */
  roofline: number | null;
  /** Medians of others in the same run; `null` where a peer is not there or cannot do it. */
  peers: Record<string, number | null>;
  /** Most memory of the processes that were timed, in MiB, where it was measured: `ours` and the peers. */
  peak_mib?: Record<string, number | null>;
}

/** A median with its spread. */
export interface Timing {
  /** Median in milliseconds. */
  median: number;
  /** Distance of the quartiles in milliseconds. */
  spread: number;
}

const ROUNDS = 9, SHORT_MS = 40;

/** Median and distance of the quartiles. */
export function timing(samples: readonly number[]): Timing {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (share: number) => {
    const position = share * (sorted.length - 1), low = Math.floor(position);
    return sorted[low] + (sorted[Math.min(low + 1, sorted.length - 1)] - sorted[low]) * (position - low);
  };
  return { median: at(0.5), spread: at(0.75) - at(0.25) };
}

/**
 * Milliseconds that one call of each body costs on the GPU. Bodies take turns, so that a disturbance meets all; two repeat counts
 * are compared, so that the wait at the end is not counted.
 */
export async function gpuTimings(bodies: readonly (() => void)[]): Promise<Timing[]> {
  const sample = async (body: () => void, count: number) => {
    const start = performance.now();
    for (let i = 0; i < count; i++) body();
    await finished();
    return performance.now() - start;
  };
  const runs: { body: () => void; count: number; samples: number[] }[] = [];
  for (const body of bodies) {
    await sample(body, 2);
    let count = 1;
    while (await sample(body, count) < SHORT_MS) count *= 2;
    runs.push({ body, count, samples: [] });
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const { body, count, samples } of runs) {
      const short = await sample(body, count);
      samples.push((await sample(body, 3 * count) - short) / (2 * count));
    }
  }
  return runs.map(({ samples }) => timing(samples));
}

/** Milliseconds of a body on the host. */
export async function hostTiming(body: () => void | Promise<void>, rounds: number): Promise<Timing> {
  await body();
  const samples: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    await body();
    samples.push(performance.now() - start);
  }
  return timing(samples);
}

/** A row of a timing. */
export function benchRow(
  about: Pick<BenchRow, "suite" | "name" | "work_gflop"> & { peers?: BenchRow["peers"] },
  { median, spread }: Timing,
  limit: number | null,
): BenchRow {
  const gflops = about.work_gflop === null ? null : about.work_gflop / median * 1e3;
  return {
    ...about,
    ours_ms: median,
    spread_ms: spread,
    gflops,
    roofline: gflops === null || limit === null ? null : gflops / limit,
    peers: about.peers ?? {},
  };
}
