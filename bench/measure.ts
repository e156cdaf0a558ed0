import process from "node:process";
import { finished, gpu } from "../src/gpu/mod.ts";

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
  /** Processor time in milliseconds, of all threads, where it was measured: `ours` and the peers; a busy machine changes it less. */
  processor_ms?: Record<string, number | null>;
  /** How often a training step has it, by network. */
  times?: Record<string, number>;
  /** Why a peer has no time. */
  failures?: Record<string, string>;
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

/** What one call took. */
export interface Sample {
  /** Milliseconds of the clock. */
  clock: number;
  /** Milliseconds of processor time, of all threads. */
  processor: number;
}

/** Times something once, or often enough to be timed. */
export type Sampler = () => Promise<Sample>;

const ROUNDS = 9;

/** Whether what the adapter does takes this machine's processor time; else only the clock tells. */
export const computesOnCpu = (): boolean => gpu().adapterKernels === "llvmpipe";

/** Milliseconds that a sample takes at least: of processor time, or on a GPU by the clock. */
export const SHORT_MS = 40;

/** What two samples of the same unit differ by, for each of the counted units. */
function between(short: Sample, long: Sample, units: number): Sample {
  return { clock: (long.clock - short.clock) / units, processor: (long.processor - short.processor) / units };
}

/** What one call of a body takes. */
export async function timed(body: () => void | Promise<void>): Promise<Sample> {
  const start = performance.now(), before = process.cpuUsage();
  await body();
  const { user, system } = process.cpuUsage(before);
  return { clock: performance.now() - start, processor: (user + system) / 1000 };
}

/** Times a body on the GPU: two repeat counts are compared, so that the wait at the end is not counted. */
export function gpuSampler(body: () => void): Sampler {
  const sample = (count: number) =>
    timed(async () => {
      for (let i = 0; i < count; i++) body();
      await finished();
    });
  let count: number | undefined;
  return async () => {
    if (count === undefined) {
      await sample(1); // compiles what is not yet
      const what = computesOnCpu() ? "processor" : "clock";
      for (count = 1; (await sample(count))[what] < SHORT_MS;) count *= 2;
    }
    return between(await sample(count), await sample(3 * count), 2 * count);
  };
}

/** Samples of all, which take turns, so that a disturbance meets all: by round, then by sampler. */
export async function inTurns(samplers: readonly Sampler[], rounds: number): Promise<Sample[][]> {
  const result: Sample[][] = [];
  for (let round = 0; round < rounds; round++) {
    const samples: Sample[] = [];
    for (const sampler of samplers) samples.push(await sampler());
    result.push(samples);
  }
  return result;
}

/** Median and distance of the quartiles. */
export function timing(samples: readonly number[]): Timing {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (share: number) => {
    const position = share * (sorted.length - 1), low = Math.floor(position);
    return sorted[low] + (sorted[Math.min(low + 1, sorted.length - 1)] - sorted[low]) * (position - low);
  };
  return { median: at(0.5), spread: at(0.75) - at(0.25) };
}

/** Milliseconds that one call of each body costs on the GPU; bodies take turns. */
export async function gpuTimings(bodies: readonly (() => void)[], rounds: number = ROUNDS): Promise<Timing[]> {
  const sampled = await inTurns(bodies.map(gpuSampler), rounds);
  return bodies.map((_, i) => timing(sampled.map((samples) => samples[i].clock)));
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
  about:
    & Pick<BenchRow, "suite" | "name" | "work_gflop">
    & Pick<Partial<BenchRow>, "peers" | "processor_ms" | "times" | "failures">,
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
