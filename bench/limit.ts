import { kernel } from "../src/gpu/mod.ts";
import { empty, Scope } from "../src/tensor/mod.ts";
import source from "./limit.wgsl" with { type: "text" };
import { gpuTimings } from "./measure.ts";

const limitKernel = kernel(source, "limit");
const THREADS = 2 ** 17, ROUNDS = 1024, FLOP_A_ROUND = 9 * 4 * 2;

/** Rate in GFLOP/s of multiply-adds on registers, without memory: the adapter's arithmetic at best. */
export async function arithmeticLimit(): Promise<number> {
  using _scope = new Scope();
  const y = empty([THREADS]);
  const run = () =>
    limitKernel.dispatch({ chain: { rounds: ROUNDS, factor: 0.5, summand: 1 }, y }, { threads: y.size });
  const [{ median }] = await gpuTimings([run]);
  return THREADS * ROUNDS * FLOP_A_ROUND / median * 1e-6;
}
