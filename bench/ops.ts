import { finished, prewarm } from "../src/gpu/mod.ts";
import { differentiate, Scope, type Tensor, toArray } from "../src/tensor/mod.ts";
import { arithmeticLimit } from "./limit.ts";
import { type BenchRow, benchRow, computesOnCpu, gpuSampler, inTurns, type Sample, timing } from "./measure.ts";
import { PytorchPeer } from "./pytorch.ts";
import { nameOf, networkShapes } from "./shapes.ts";
import { WEB_PEERS, WebPeer } from "./web_peers.ts";
import { batchNormWork, plainProduct, sumWork, type Work, workOf } from "./works.ts";

/** Feature maps `[N, H, W, C]` of the operators that memory limits. */
const MAPS: [name: string, shape: [number, number, number, number]][] = [
  ["2×25×25×256", [2, 25, 25, 256]],
  ["2×65×65×1024", [2, 65, 65, 1024]],
];

/** Sides of square products that no network has, by which libraries are compared. */
const SQUARES = [512, 1024];

/** What libraries for the web are timed with as well: each of them takes seconds for one. */
const WITH_WEB_PEERS = [
  "convolution 3×3 256→256 on 2×65×65 with dilation 4",
  "convolution 1×1 1024→256 on 2×65×65",
  "matmul 1024×1024 by 1024×1024",
];

/** Passes of an operator, by number. */
export const PASSES = ["forward", "gradient of the 1st input", "gradient of the 2nd input"];

/** Largest difference from a peer's result, of its largest value. */
const TOLERANCE = 1e-3;

/**
 * Rows of an operator forward, and of the gradients of its first and second input alone: ours and PyTorch's, in turns, after both
 * were seen to compute the same.
 */
async function rowsOf(work: Work, peer: PytorchPeer | undefined, rounds: number, limit: number): Promise<BenchRow[]> {
  const { name, gflop, inputs, operator, pytorch, tracked } = work;
  const passes = [0, 1, 2].filter((pass) => pass === 0 || tracked[pass - 1]);
  if (peer) await compareResults("PyTorch", work, await peer.take(pytorch));
  const step = (pass: number) => () => {
    using _scope = new Scope();
    inputs.forEach((input, i) => input.tracked = i === pass - 1);
    let seed: Tensor;
    differentiate(() => seed = operator(), undefined, () => seed);
  };
  for (const pass of passes) await prewarm(step(pass));
  const ours = passes.map((pass) => gpuSampler(step(pass)));
  const ways = peer?.ways ?? [];
  const theirs = ways.flatMap((way) => passes.map((pass) => peer!.sampler(pass, way)));
  const samples = await inTurns([...ours, ...theirs], rounds);
  return passes.map((pass, i) => {
    const beyond = (of: "clock" | "processor") =>
      samples.map((round) => i === 0 ? round[0][of] : Math.max(0, round[i][of] - round[0][of]));
    const median = (at: number, of: keyof Sample) => timing(samples.map((round) => round[at][of])).median;
    const peers: BenchRow["peers"] = {}, processor: BenchRow["peers"] = { ours: timing(beyond("processor")).median };
    for (const [w, { name }] of ways.entries()) {
      const at = passes.length * (w + 1) + i;
      [peers[name], processor[name]] = [median(at, "clock"), median(at, "processor")];
    }
    const about = {
      ...{ suite: "ops", name: `${name}, ${PASSES[pass]}`, work_gflop: gflop },
      ...{ peers, processor_ms: computesOnCpu() ? processor : undefined },
    };
    return benchRow(about, timing(beyond("clock")), limit);
  });
}

/** Forward, beside libraries for the web: each computes once before it is timed once, between two samples of ours. */
async function webRow(work: Work, limit: number): Promise<BenchRow> {
  const { name, gflop, pytorch } = work, ours: Sample[] = [];
  const sample = gpuSampler(() => {
    using _scope = new Scope();
    work.operator();
  });
  const peers: BenchRow["peers"] = {}, processor: BenchRow["peers"] = {}, failures: Record<string, string> = {};
  for (const who of WEB_PEERS) {
    ours.push(await sample());
    try {
      using peer = await WebPeer.start(who, pytorch as Parameters<typeof WebPeer.start>[1]);
      await compareResults(who, work, peer.values);
      const theirs = await peer.sampler()();
      [peers[who], processor[who]] = [theirs.clock, theirs.processor];
    } catch (error) {
      peers[who] = null;
      failures[who] = (error as Error).message;
    }
    ours.push(await sample());
  }
  processor.ours = timing(ours.map((one) => one.processor)).median;
  const about = {
    ...{ suite: "ops", name: `${name}, forward, beside libraries for the web`, work_gflop: gflop },
    ...{ peers, processor_ms: computesOnCpu() ? processor : undefined, failures },
  };
  return benchRow(about, timing(ours.map(({ clock }) => clock)), limit);
}

/** @throws {Error} if a peer computes something else */
async function compareResults(who: string, { name, operator }: Work, values: readonly number[]): Promise<void> {
  using _scope = new Scope();
  const found = await toArray(operator());
  const every = Math.max(1, Math.floor(found.length / 1000));
  const largest = Math.max(...values.map(Math.abs));
  const worst = Math.max(...values.map((value, i) => Math.abs(value - found[i * every])));
  if (!(worst <= TOLERANCE * largest)) {
    throw new Error(`Cannot compare ${name}: expected ${who}'s result, found one that differs by ${worst / largest}`);
  }
}

/** Which operators are timed, and how often. */
export interface OpsBenchOptions {
  /** Texts, one of which a name has to have; all operators unless given. */
  only?: readonly string[];
  /** How often each is timed. */
  rounds: number;
  /** Times libraries for the web as well. */
  webPeers?: boolean;
}

/** What is timed: every product and convolution of the networks' training steps, once, and some that memory limits. */
function listOfWorks(): { name: string; times?: BenchRow["times"]; make: () => Work }[] {
  const ofNetworks = networkShapes().map(({ work, times }) => {
    return { name: `${nameOf(work)} (${Object.keys(times).join(", ")})`, times, make: () => workOf(work) };
  });
  return [
    ...ofNetworks,
    ...SQUARES.map((side) => ({
      name: `matmul ${side}×${side} by ${side}×${side}`,
      make: () => plainProduct(side, side, side),
    })),
    ...MAPS.flatMap(([name, shape]) => [
      { name: `add ${name}`, make: () => sumWork(name, shape) },
      { name: `batch norm and ReLU ${name}`, make: () => batchNormWork(name, shape) },
    ]),
  ];
}

/** Operators at the sizes of the `tiny` and `paper` networks, beside PyTorch on the CPU and, if wanted, libraries for the web. */
export async function ops(
  onRow: (row: BenchRow) => void,
  { only = [""], rounds, webPeers = false }: OpsBenchOptions,
): Promise<void> {
  const limit = await arithmeticLimit();
  using pytorch = await PytorchPeer.start();
  const list = listOfWorks().filter(({ name }) => only.some((text) => name.includes(text)));
  for (const { times, make } of list) {
    using _scope = new Scope();
    for (const row of await rowsOf(make(), pytorch, rounds, limit)) onRow(times ? { ...row, times } : row);
    await finished();
  }
  if (!webPeers) return;
  for (const { make } of list) {
    using _scope = new Scope();
    const work = make();
    if (WITH_WEB_PEERS.includes(work.name)) onRow(await webRow(work, limit));
  }
}
