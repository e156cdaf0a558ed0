/**
 * Where the time of a convolution goes: `deno run -A bench/parts.ts [SIDE CHANNELS DILATION]`. Shares of its kernels by the
 * device's own clock, for each pass; then the rate of its products beside that of multiply-adds on registers, in turns, by processor
 * time where the adapter takes that.
 */
import { convolution, matmul } from "../kernels/mod.ts";
import { endProfile, finished, openDevice, prewarm, startProfile } from "../src/gpu/mod.ts";
import { differentiate, Scope, type Tensor } from "../src/tensor/mod.ts";
import { limitWork } from "./limit.ts";
import { computesOnCpu, gpuSampler, inTurns, timing } from "./measure.ts";
import { filled } from "./works.ts";

const [side = 65, channels = 256, dilation = 4] = Deno.args.map(Number);
const REPEATS = 5, ROUNDS = 5;
const PASSES = ["forward", "forward and gradient of x", "forward and gradient of the weights"];

const { adapterName } = await openDevice();
console.log(`3×3 ${channels}→${channels} on 2×${side}×${side}, dilation ${dilation}; ${adapterName}`);
using _scope = new Scope();
const x = filled([2, side, side, channels]), weight = filled([channels, channels, 3, 3]);

for (const [pass, name] of PASSES.entries()) {
  const step = () => {
    using _temporaries = new Scope();
    [x.tracked, weight.tracked] = [pass === 1, pass === 2];
    let y: Tensor;
    differentiate(
      () => y = convolution(x, weight, { padding: dilation, dilation, winograd: true }),
      undefined,
      () => y,
    );
  };
  await prewarm(step);
  step();
  await finished();
  const spent = new Map<string, number>();
  const heard = startProfile((spans) => {
    for (const { label, start, end } of spans) spent.set(label, (spent.get(label) ?? 0) + Number(end - start));
  });
  if (!heard) {
    console.log("the adapter has no clock for kernels");
    break;
  }
  for (let i = 0; i < REPEATS; i++) step();
  await finished();
  await endProfile();
  const total = [...spent.values()].reduce((a, b) => a + b, 0);
  const shares = [...spent].sort((a, b) => b[1] - a[1]).map(([label, ns]) =>
    `${label} ${(100 * ns / total).toFixed(0)} %`
  );
  console.log(`${name}: ${(total / REPEATS / 1e6).toFixed(1)} ms: ${shares.join(", ")}`);
}

const tiles = 2 * Math.ceil(side / 4) ** 2, limit = limitWork();
const a = filled([36, tiles, channels]), b = filled([36, channels, channels]);
const product = () => {
  using _temporaries = new Scope();
  matmul(a, b, { transposeB: true });
};
await prewarm(product);
const samples = await inTurns([gpuSampler(product), gpuSampler(limit.run)], ROUNDS);
const what = computesOnCpu() ? "processor" : "clock";
const [ours, best] = [72e-9 * tiles * channels ** 2, limit.gflop].map((gflop, i) =>
  gflop / timing(samples.map((round) => round[i][what])).median * 1e3
);
const unit = computesOnCpu() ? "GFLOP a second of processor time" : "GFLOP/s";
console.log(
  `36 products: ${ours.toFixed(1)} ${unit}, multiply-adds on registers ${best.toFixed(1)}: ${
    (100 * ours / best).toFixed(0)
  } %`,
);
Deno.exit(0);
