import { presetConfiguration } from "../experiments/common/presets.ts";
import { DfdtTrainable, initialWeights, Network, type NetworkConfiguration } from "../src/dfdt/mod.ts";
import { finished, freeAllIdle, memoryUse, prewarm, resetPeakMemory, settlePools, upload } from "../src/gpu/mod.ts";
import { segmentSlices } from "../src/inference/segmenter.ts";
import { fromArray, Scope } from "../src/tensor/mod.ts";
import { Sgd } from "../src/training/optimizer.ts";
import {
  type BenchRow,
  benchRow,
  computesOnCpu,
  gpuTimings,
  hostTiming,
  type Sample,
  timed,
  timing,
} from "./measure.ts";
import { pytorchResnet } from "./pytorch_resnet.ts";

/** Rows of the paper's network, by name. */
const TRAINING = "paper, training step", CHECKPOINTS = "paper, training step with checkpoints";
const EVALUATION = "paper, support and one query slice";

/**
 * A training step and the segmentation of slices, by the `tiny` network and by that of the paper.
 *
 * @param options.only texts, one of which a row's name has to have; all unless given
 */
export async function network(
  onRow: (row: BenchRow) => void,
  { only = [""] }: { only?: readonly string[] } = {},
): Promise<void> {
  const wanted = (name: string) => only.some((text) => name.includes(text));
  if (wanted("tiny")) await tiny(onRow);
  if (wanted(EVALUATION)) await paperEvaluation(onRow);
  for (const name of [TRAINING, CHECKPOINTS]) if (wanted(name)) await paperTraining(onRow, name);
}

async function tiny(onRow: (row: BenchRow) => void): Promise<void> {
  using bench = makeBench(presetConfiguration("tiny").network, false);
  await prewarm(bench.train);
  resetPeakMemory();
  const [training] = await gpuTimings([bench.train]);
  onRow(benchRow({ suite: "network", name: `tiny, training step (peak ${peak()})`, work_gflop: null }, training, null));
  const segmentation = await hostTiming(() => bench.segment(24), 5);
  onRow(benchRow({ suite: "network", name: "tiny, 24 slices from one support", work_gflop: null }, segmentation, null));
}

/** GFLOP of two images forward, and of a training step (docs/reference/network.md, 8). */
const PAPER_GFLOP = { evaluation: 552, training: 3 * 552 };

/** One call that counts after one to warm up, since each takes a minute without a GPU. */
async function warmed(body: () => void | Promise<void>): Promise<Sample> {
  const once = async () => {
    await body();
    await finished();
  };
  await once();
  return await timed(once);
}

async function paperTraining(onRow: (row: BenchRow) => void, name: string): Promise<void> {
  const peer = await pytorchResnet("training");
  freeAllIdle();
  resetPeakMemory(); // what may wait for reuse is a share of the peak, which is not to be that of the row before
  using bench = makeBench(presetConfiguration("paper").network, name === CHECKPOINTS);
  await prewarm(bench.train);
  resetPeakMemory();
  const sample = await warmed(bench.train);
  onRow(besideResnet(`${name} (peak ${peak()})`, PAPER_GFLOP.training, sample, peer));
}

async function paperEvaluation(onRow: (row: BenchRow) => void): Promise<void> {
  const peer = await pytorchResnet("evaluation");
  using bench = makeBench(presetConfiguration("paper").network, false);
  const sample = await warmed(() => bench.segment(1));
  onRow(besideResnet(EVALUATION, PAPER_GFLOP.evaluation, sample, peer));
}

/** A row beside PyTorch's ResNet-101 alone. */
function besideResnet(name: string, gflop: number, ours: Sample, theirs: Awaited<ReturnType<typeof pytorchResnet>>) {
  const of = (what: keyof Sample): Record<string, number> =>
    Object.fromEntries(theirs.map(({ name, sample }) => [name.replace(", ", ", ResNet-101 alone, "), sample[what]]));
  const processor_ms = computesOnCpu() ? { ours: ours.processor, ...of("processor") } : undefined;
  const about = { suite: "network", name, work_gflop: gflop, peers: of("clock"), processor_ms };
  return benchRow(about, timing([ours.clock]), null);
}

const peak = () => `${(memoryUse().allocatedPeak / 2 ** 20).toFixed(0)} MiB`;

/** A network with random weights, a training step of it, and the segmentation of slices. */
function makeBench(configuration: NetworkConfiguration, checkpoint: boolean) {
  const side = configuration.image;
  const network = new Network(configuration, { checkpoint });
  for (const [name, values] of initialWeights(configuration, { seed: 1, thresholdBias: -14 })) {
    upload(network.parameters.get(name), new Uint8Array(values.buffer));
  }
  const image = Float32Array.from({ length: side * side }, (_, i) => Math.sin(i * 0.01) + Math.cos(i * 0.37));
  const mask = Float32Array.from({ length: side * side }, (_, i) => {
    return Number(Math.hypot(i % side - side / 2, Math.floor(i / side) - side / 2) < side / 6);
  });
  const { values, gradients, active } = network.parameters;
  const optimizer = new Sgd({ values, gradients, active, momentum: 0.9, weightDecay: 5e-4, clipNorm: 5 });
  const trainable = new DfdtTrainable(network, { seed: 1 });
  let step = 0;
  return {
    train() {
      settlePools();
      using _scope = new Scope();
      const slice = (data: Float32Array<ArrayBuffer>) => fromArray(data, [side, side]);
      const images = { supportImage: slice(image), queryImage: slice(image) };
      trainable.step({ ...images, supportMask: slice(mask), queryMask: slice(mask) }, step++);
      optimizer.step(1e-4);
    },
    async segment(count: number) {
      await segmentSlices(network, { image, mask }, Array.from({ length: count }, () => image));
    },
    [Symbol.dispose]() {
      optimizer[Symbol.dispose]();
      network[Symbol.dispose]();
    },
  };
}
