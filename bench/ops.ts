import { add, batchNorm, convolution, matmul, type MatmulOptions } from "../kernels/mod.ts";
import { differentiate, fromArray, Scope, type Shape, type Tensor, toArray } from "../src/tensor/mod.ts";
import { geometryOf } from "../kernels/convolution/geometry.ts";
import { arithmeticLimit } from "./limit.ts";
import { type BenchRow, benchRow, gpuSampler, inTurns, type Sample, timing } from "./measure.ts";
import { type PytorchCase, PytorchPeer, THREADS } from "./pytorch.ts";

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

/** Feature maps `[N, H, W, C]` of the operators that memory limits. */
const MAPS: [name: string, shape: [number, number, number, number]][] = [
  ["tiny layer3", [2, 25, 25, 256]],
  ["paper layer3", [2, 65, 65, 1024]],
];

const filled = (shape: Shape): Tensor =>
  fromArray(Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i)), shape);

/** An operator, ours and PyTorch's. */
interface Work {
  name: string;
  /** `null` where memory and not arithmetic is the limit. */
  gflop: number | null;
  /** Both are differentiated. */
  inputs: [Tensor, Tensor];
  operator: () => Tensor;
  pytorch: PytorchCase;
}

const PASSES = ["forward", "gradient of the 1st input", "gradient of the 2nd input"];

/** Largest difference from PyTorch's result, of its largest value. */
const TOLERANCE = 1e-3;

/**
 * Rows of an operator forward, and of the gradients of its first and second input alone: ours and PyTorch's with one and with two
 * threads, in turns, after both were seen to compute the same.
 */
async function rowsOf({ name, gflop, inputs, operator, pytorch }: Work, rounds: number, limit: number) {
  const passes = pytorch.kind === "add" ? PASSES.slice(0, 1) : PASSES; // a sum hands its gradient on
  using peer = await PytorchPeer.start(pytorch);
  if (peer) await compareResults(name, operator(), peer);
  const step = (...tracked: boolean[]) => () => {
    using _scope = new Scope();
    inputs.forEach((input, i) => input.tracked = tracked[i]);
    let seed: Tensor;
    differentiate(() => seed = operator(), undefined, () => seed);
  };
  const ours = [step(false, false), step(true, false), step(false, true)].slice(0, passes.length).map(gpuSampler);
  const theirs = peer ? THREADS.flatMap((threads) => passes.map((_, pass) => peer.sampler(pass, threads))) : [];
  const samples = await inTurns([...ours, ...theirs], rounds);
  return passes.map((passName, pass) => {
    const beyond = (of: "clock" | "processor") =>
      samples.map((round) => pass === 0 ? round[0][of] : Math.max(0, round[pass][of] - round[0][of]));
    const median = (at: number, of: keyof Sample) => timing(samples.map((round) => round[at][of])).median;
    const peers: BenchRow["peers"] = {}, processor: BenchRow["peers"] = { ours: timing(beyond("processor")).median };
    for (const [i, threads] of THREADS.entries()) {
      const who = `PyTorch CPU, ${threads} thread${threads > 1 ? "s" : ""}`, at = passes.length * (i + 1) + pass;
      peers[who] = peer ? median(at, "clock") : null;
      processor[who] = peer ? median(at, "processor") : null;
    }
    const about = { suite: "ops", name: `${name}, ${passName}`, work_gflop: gflop, peers, processor_ms: processor };
    return benchRow(about, timing(beyond("clock")), limit);
  });
}

async function compareResults(name: string, y: Tensor, peer: PytorchPeer): Promise<void> {
  const found = await toArray(y), { values } = peer;
  const every = Math.max(1, Math.floor(found.length / 1000));
  const largest = Math.max(...values.map(Math.abs));
  const worst = Math.max(...values.map((value, i) => Math.abs(value - found[i * every])));
  if (!(worst <= TOLERANCE * largest)) {
    throw new Error(`Cannot compare ${name}: expected PyTorch's result, found one that differs by ${worst / largest}`);
  }
}

function convolutionWork(test: ConvolutionCase): Work {
  const { name, map, in: input, out, kernel, stride = 1, padding = 0, dilation = 1 } = test;
  const x = filled([...map, Math.ceil(input / 4) * 4]);
  const weight = filled([out, input, kernel, kernel]);
  const operator = () => convolution(x, weight, { ...test, winograd: true });
  const { outHeight, outWidth } = geometryOf(x, weight, test);
  const gflop = 2e-9 * map[0] * outHeight * outWidth * out * input * kernel ** 2;
  const pytorch: PytorchCase = {
    kind: "convolution",
    a: [map[0], input, map[1], map[2]],
    b: [out, input, kernel, kernel],
    stride,
    padding,
    dilation,
  };
  return { name: `convolution ${name}`, gflop, inputs: [x, weight], operator, pytorch };
}

function productWork(test: ProductCase): Work {
  const a = filled(test.a), b = filled(test.b);
  const n = test.transposeB ? test.b[1] : test.b[2];
  const pytorch: PytorchCase = { kind: "matmul", a: test.a, b: test.b, transposeB: test.transposeB ?? false };
  const operator = () => matmul(a, b, test);
  return { name: `matmul ${test.name}`, gflop: 2e-9 * a.size * n, inputs: [a, b], operator, pytorch };
}

function sumWork(name: string, shape: [number, number, number, number]): Work {
  const a = filled(shape), b = filled(shape);
  const operator = () => add(a, b);
  return { name: `add ${name}`, gflop: null, inputs: [a, b], operator, pytorch: { kind: "add", a: shape, b: shape } };
}

/** Batch norm with the statistics of the batch, and ReLU; the second input is its weight. */
function batchNormWork(name: string, shape: [number, number, number, number]): Work {
  const [images, height, width, channels] = shape;
  const x = filled(shape);
  const [weight, bias, runningMean, runningVariance] = Array.from({ length: 4 }, () => filled([channels]));
  const state = { weight, bias, runningMean, runningVariance };
  const operator = () => batchNorm(x, state, { training: true, relu: true });
  const pytorch: PytorchCase = { kind: "batchNorm", a: [images, channels, height, width], b: [channels] };
  return { name: `batch norm and ReLU ${name}`, gflop: null, inputs: [x, weight], operator, pytorch };
}

/** Which operators are timed, and how often. */
export interface OpsBenchOptions {
  /** Texts, one of which a name has to have; all operators unless given. */
  only?: readonly string[];
  /** How often each is timed. */
  rounds: number;
}

/** Operators at the sizes of the `tiny` and `paper` networks, beside PyTorch on the CPU. */
export async function ops(onRow: (row: BenchRow) => void, { only = [""], rounds }: OpsBenchOptions): Promise<void> {
  const limit = await arithmeticLimit();
  const sizes: [string, ConvolutionCase[]][] = [["tiny", TINY], ["paper", PAPER]];
  const list: [name: string, work: () => Work][] = [
    ...sizes.flatMap(([size, tests]) =>
      tests.map((test): typeof list[number] => {
        const name = `${size} ${test.name}`;
        return [`convolution ${name}`, () => convolutionWork({ ...test, name })];
      })
    ),
    ...PRODUCTS.map((test): typeof list[number] => [`matmul ${test.name}`, () => productWork(test)]),
    ...MAPS.flatMap(([name, shape]): typeof list => [
      [`add ${name}`, () => sumWork(name, shape)],
      [`batch norm and ReLU ${name}`, () => batchNormWork(name, shape)],
    ]),
  ];
  for (const [name, work] of list) {
    if (!only.some((text) => name.includes(text))) continue;
    using _scope = new Scope();
    for (const row of await rowsOf(work(), rounds, limit)) onRow(row);
  }
}
