import { presetConfiguration } from "../experiments/common/presets.ts";
import { DfdtTrainable, initialWeights, Network, type NetworkConfiguration } from "../src/dfdt/mod.ts";
import { finished, freeAllIdle, memoryUse, prewarm, resetPeakMemory, settlePools, upload } from "../src/gpu/mod.ts";
import { segmentSlices } from "../src/inference/segmenter.ts";
import { fromArray, Scope } from "../src/tensor/mod.ts";
import { Sgd } from "../src/training/optimizer.ts";
import { type BenchRow, benchRow, gpuTimings, hostTiming, type Sample, timed, timing } from "./measure.ts";
import { THREADS } from "./pytorch.ts";
import { pytorchResnet, type ResnetSamples } from "./pytorch_resnet.ts";

/**
 * A training step and the segmentation of slices, by the `tiny` network and by that of the paper.
 *
 * @param options.only texts, one of which "tiny", "paper" or "paper with checkpoints" has to have; all unless given
 */
export async function network(
  onRow: (row: BenchRow) => void,
  { only = [""] }: { only?: readonly string[] } = {},
): Promise<void> {
  const wanted = (name: string) => only.some((text) => name.includes(text));
  if (wanted("tiny")) await tiny(onRow);
  if (!wanted("paper") && !wanted("paper with checkpoints")) return;
  const peer = await pytorchResnet();
  if (wanted("paper")) await paper(onRow, false, peer);
  if (wanted("paper with checkpoints")) await paper(onRow, true, peer);
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

/** The paper's network: one step to warm up, then one that counts, since each takes a minute without a GPU. */
async function paper(
  onRow: (row: BenchRow) => void,
  checkpoint: boolean,
  peer: ResnetSamples,
): Promise<void> {
  freeAllIdle();
  resetPeakMemory(); // what may wait for reuse is a share of the peak, which is not to be that of the row before
  using bench = makeBench(presetConfiguration("paper").network, checkpoint);
  await prewarm(bench.train);
  resetPeakMemory();
  const once = (body: () => void | Promise<void>) =>
    timed(async () => {
      await body();
      await finished();
    });
  await once(bench.train);
  const training = await once(bench.train);
  const name = `paper, training step${checkpoint ? " with checkpoints" : ""} (peak ${peak()})`;
  onRow(besideResnet(name, PAPER_GFLOP.training, training, peer.training));
  if (checkpoint) return; // evaluation keeps nothing for a backward walk
  await bench.segment(1);
  const evaluation = await once(() => bench.segment(1));
  onRow(besideResnet("paper, support and one query slice", PAPER_GFLOP.evaluation, evaluation, peer.evaluation));
}

/** A row beside PyTorch's ResNet-101 alone. */
function besideResnet(name: string, gflop: number, ours: Sample, theirs: readonly Sample[]): BenchRow {
  const of = (what: keyof Sample) =>
    Object.fromEntries(THREADS.map((threads, i) => {
      return [
        `PyTorch CPU, ResNet-101 alone, ${threads} thread${threads > 1 ? "s" : ""}`,
        theirs[i] ? theirs[i][what] : null,
      ];
    }));
  const processor_ms = { ours: ours.processor, ...of("processor") };
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
