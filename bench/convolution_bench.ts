/**
 * Times the three passes of a convolution, and matrix products, at the sizes of the `tiny` and `paper` networks.
 *
 * `deno run -A bench/convolution_bench.ts [tiny|paper|matmul] [llvmpipe|gpu]`: milliseconds and GFLOP/s a pass, weight
 * packing and copies included. Both kernel sets run unless one is named.
 */
import { convolution, matmul, type MatmulOptions } from "../kernels/mod.ts";
import { finished, forceKernelSet, type KernelSet, openDevice } from "../src/gpu/mod.ts";
import { differentiate, fromArray, Scope, type Shape, type Tensor } from "../src/tensor/mod.ts";

interface ConvolutionCase {
  name: string;
  /** Images, height and width of the input. */
  map: [number, number, number];
  in: number;
  out: number;
  kernel: number;
  stride?: number;
  padding?: number;
  dilation?: number;
  /** How often the network of that size has it: the total of the table is what one training step spends. */
  times: number;
}

const TINY: ConvolutionCase[] = [
  { name: "conv1", map: [2, 97, 97], in: 3, out: 16, kernel: 7, stride: 2, padding: 3, times: 1 },
  { name: "layer1 1×1 narrow", map: [2, 25, 25], in: 16, out: 16, kernel: 1, times: 1 },
  { name: "layer1 3×3", map: [2, 25, 25], in: 16, out: 16, kernel: 3, padding: 1, times: 1 },
  { name: "layer1 1×1 wide", map: [2, 25, 25], in: 16, out: 64, kernel: 1, times: 2 },
  { name: "layer2 1×1 narrow", map: [2, 25, 25], in: 128, out: 32, kernel: 1, times: 2 },
  { name: "layer2 3×3", map: [2, 25, 25], in: 32, out: 32, kernel: 3, padding: 2, dilation: 2, times: 2 },
  { name: "layer2 1×1 wide", map: [2, 25, 25], in: 32, out: 128, kernel: 1, times: 3 },
  { name: "layer3 1×1 narrow", map: [2, 25, 25], in: 256, out: 64, kernel: 1, times: 3 },
  { name: "layer3 3×3", map: [2, 25, 25], in: 64, out: 64, kernel: 3, padding: 4, dilation: 4, times: 3 },
  { name: "layer3 1×1 wide", map: [2, 25, 25], in: 64, out: 256, kernel: 1, times: 4 },
  { name: "layer4 1×1 narrow", map: [2, 25, 25], in: 256, out: 128, kernel: 1, times: 1 },
  { name: "layer4 3×3", map: [2, 25, 25], in: 128, out: 128, kernel: 3, stride: 2, padding: 4, dilation: 4, times: 1 },
  { name: "layer4 1×1 wide", map: [2, 13, 13], in: 128, out: 512, kernel: 1, times: 1 },
  { name: "layer4 downsample", map: [2, 25, 25], in: 256, out: 512, kernel: 1, stride: 2, times: 1 },
  { name: "reduce1", map: [2, 25, 25], in: 256, out: 128, kernel: 1, times: 1 },
  { name: "patch embedding", map: [2, 96, 96], in: 3, out: 24, kernel: 4, stride: 4, times: 1 },
  { name: "Swin 24 to 72", map: [1, 1, 1152], in: 24, out: 72, kernel: 1, times: 2 },
  { name: "Swin 96 to 24", map: [1, 1, 1152], in: 96, out: 24, kernel: 1, times: 4 },
  { name: "PDET 20 to 20", map: [1, 1, 128], in: 20, out: 20, kernel: 1, times: 12 },
  { name: "PDET 128 to 256", map: [1, 1, 20], in: 128, out: 256, kernel: 1, times: 6 },
];

const PAPER: ConvolutionCase[] = [
  { name: "conv1", map: [2, 257, 257], in: 3, out: 64, kernel: 7, stride: 2, padding: 3, times: 1 },
  { name: "layer1 3×3", map: [2, 65, 65], in: 64, out: 64, kernel: 3, padding: 1, times: 3 },
  { name: "layer3 1×1 narrow", map: [2, 65, 65], in: 1024, out: 256, kernel: 1, times: 22 },
  { name: "layer3 3×3", map: [2, 65, 65], in: 256, out: 256, kernel: 3, padding: 4, dilation: 4, times: 22 },
  { name: "layer4 1×1 wide", map: [2, 33, 33], in: 512, out: 2048, kernel: 1, times: 3 },
];

interface ProductCase extends MatmulOptions {
  name: string;
  a: [number, number, number];
  b: [number, number, number];
}

const PRODUCTS: ProductCase[] = [
  { name: "attention scores", a: [54, 64, 8], b: [54, 64, 8], transposeB: true },
  { name: "attention values", a: [54, 64, 64], b: [54, 64, 8] },
  { name: "gate", a: [1, 6400, 25], b: [1, 25, 25], transposeB: true },
  { name: "grey to channels", a: [1, 18818, 1], b: [1, 4, 1], transposeB: true },
  { name: "one large", a: [1, 512, 512], b: [1, 512, 512] },
];

const ROUNDS = 7, SHORT_MS = 40;

const filled = (shape: Shape): Tensor =>
  fromArray(Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i)), shape);

/**
 * Milliseconds of each of some bodies, many of which are handed over at once as in a training step. The wait for the queue
 * costs some 12 ms however little there is to do, so what counts is how much longer three times as many take. Other work on
 * the machine only ever adds: bodies take turns, and each one's fastest round counts.
 */
async function quietMs(bodies: (() => void)[]): Promise<number[]> {
  const sample = async (body: () => void, count: number) => {
    const start = performance.now();
    for (let i = 0; i < count; i++) body();
    await finished();
    return performance.now() - start;
  };
  const runs: { body: () => void; count: number; short: number; long: number }[] = [];
  for (const body of bodies) {
    await sample(body, 2);
    let count = 1;
    while (await sample(body, count) < SHORT_MS) count *= 2;
    runs.push({ body, count, short: Infinity, long: Infinity });
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const run of runs) {
      run.short = Math.min(run.short, await sample(run.body, run.count));
      run.long = Math.min(run.long, await sample(run.body, 3 * run.count));
    }
  }
  return runs.map(({ count, short, long }) => (long - short) / (2 * count));
}

/** Milliseconds of an operator forward, and of the gradients of its first and second input. */
async function passes(inputs: [Tensor, Tensor], operator: () => Tensor): Promise<number[]> {
  const step = (...tracked: boolean[]) => () => {
    using _scope = new Scope();
    inputs.forEach((input, i) => input.tracked = tracked[i]);
    let seed: Tensor;
    differentiate(() => seed = operator(), undefined, () => seed);
  };
  const [forward, first, second] = await quietMs([step(false, false), step(true, false), step(false, true)]);
  return [forward, first - forward, second - forward];
}

const columns = (name: string, texts: string[]) =>
  console.log(name.padEnd(22) + texts.map((t) => t.padStart(24)).join(""));

async function table<C extends { name: string; times?: number }>(
  title: string,
  cases: C[],
  make: (test: C) => { inputs: [Tensor, Tensor]; operator: () => Tensor; gflop: number },
): Promise<void> {
  columns(title, ["forward", "gradient of 1st", "gradient of 2nd"]);
  const total = [0, 0, 0];
  for (const test of cases) {
    using _scope = new Scope();
    const { inputs, operator, gflop } = make(test);
    const times = await passes(inputs, operator);
    columns(test.name, times.map((ms) => `${ms.toFixed(2)} ms ${(gflop / ms * 1e3).toFixed(1)} GFLOP/s`));
    for (const [i, ms] of times.entries()) total[i] += ms * (test.times ?? 0);
  }
  if (cases.some(({ times }) => times)) {
    columns(
      "as often as used",
      total.map((ms) => `${ms.toFixed(1)} ms            `),
    );
  }
}

function convolutionCase(test: ConvolutionCase) {
  const { map, in: input, out, kernel } = test;
  const x = filled([...map, Math.ceil(input / 4) * 4]);
  const weight = filled([out, input, kernel, kernel]);
  const operator = () => convolution(x, weight, test);
  const pixels = operator().size / out;
  return { inputs: [x, weight] as [Tensor, Tensor], operator, gflop: 2e-9 * pixels * out * input * kernel ** 2 };
}

function productCase(test: ProductCase) {
  const a = filled(test.a), b = filled(test.b);
  const n = test.transposeB ? test.b[1] : test.b[2];
  const operator = () => matmul(a, b, test);
  return { inputs: [a, b] as [Tensor, Tensor], operator, gflop: 2e-9 * a.size * n };
}

if (import.meta.main) {
  const { adapterName, adapterKernels } = await openDevice();
  const wanted = (name: string, group: string[]) =>
    Deno.args.includes(name) || !group.some((g) => Deno.args.includes(g));
  const sizes = ["tiny", "paper", "matmul"], sets: KernelSet[] = ["llvmpipe", "gpu"];
  for (const set of sets.filter((name) => wanted(name, sets))) {
    forceKernelSet(set);
    console.log(`\n${adapterName}, ${set} kernels${set === adapterKernels ? " (its own)" : ""}`);
    if (wanted("tiny", sizes)) await table("tiny", TINY, convolutionCase);
    if (wanted("paper", sizes)) await table("paper", PAPER, convolutionCase);
    if (wanted("matmul", sizes)) await table("matmul", PRODUCTS, productCase);
  }
}
