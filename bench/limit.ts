import { kernel } from "../src/gpu/mod.ts";
import { empty, Scope } from "../src/tensor/mod.ts";
import source from "./limit.wgsl" with { type: "text" };
import { gpuTimings } from "./measure.ts";

const limitKernel = kernel(source, "limit");
const THREADS = 2 ** 17, ROUNDS = 1024, FLOP_A_ROUND = 9 * 4 * 2;

/** Multiply-adds on registers, without memory: the adapter's arithmetic at best. */
export function limitWork(): { run: () => void; gflop: number } {
  const y = empty([THREADS]);
  const chain = { rounds: ROUNDS, factor: 0.5, summand: 1 };
  return {
    run: () => limitKernel.dispatch({ chain, y }, { threads: y.size }),
    gflop: 1e-9 * THREADS * ROUNDS * FLOP_A_ROUND,
  };
}

/** Its rate in GFLOP/s. */
export async function arithmeticLimit(): Promise<number> {
  using _scope = new Scope();
  const { run, gflop } = limitWork();
  const [{ median }] = await gpuTimings([run], 3);
  return gflop / median * 1e3;
}
