import { presetConfiguration } from "../experiments/common/presets.ts";
import { DfdtTrainable, initialWeights, Network, type NetworkConfiguration } from "../src/dfdt/mod.ts";
import { finished, freeAllIdle, memoryUse, prewarm, resetPeakMemory, settlePools, upload } from "../src/gpu/mod.ts";
import { segmentSlices } from "../src/inference/segmenter.ts";
import { fromArray, Scope } from "../src/tensor/mod.ts";
import { Sgd } from "../src/training/optimizer.ts";
import { type BenchRow, benchRow, gpuTimings, hostTiming, timing } from "./measure.ts";
import { pytorchResnet } from "./pytorch_resnet.ts";

/** A training step and the segmentation of slices, by the `tiny` network and by that of the paper. */
export async function network(onRow: (row: BenchRow) => void): Promise<void> {
  await tiny(onRow);
  const peer = await pytorchResnet();
  for (const checkpoint of [false, true]) await paper(onRow, checkpoint, peer);
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
  peer: { evaluation: number | null; training: number | null },
): Promise<void> {
  freeAllIdle();
  resetPeakMemory(); // what may wait for reuse is a share of the peak, which is not to be that of the row before
  using bench = makeBench(presetConfiguration("paper").network, checkpoint);
  await prewarm(bench.train);
  resetPeakMemory();
  const once = async (body: () => void | Promise<void>) => {
    const start = performance.now();
    await body();
    await finished();
    return performance.now() - start;
  };
  await once(bench.train);
  const training = timing([await once(bench.train)]);
  const name = `paper, training step${checkpoint ? " with checkpoints" : ""} (peak ${peak()})`;
  const resnet = (ms: number | null) => ({ "PyTorch CPU, ResNet-101 alone": ms });
  onRow(benchRow(
    { suite: "network", name, work_gflop: PAPER_GFLOP.training, peers: resnet(peer.training) },
    training,
    null,
  ));
  if (checkpoint) return; // evaluation keeps nothing for a backward walk
  await bench.segment(1);
  const evaluation = timing([await once(() => bench.segment(1))]);
  onRow(benchRow(
    {
      suite: "network",
      name: "paper, support and one query slice",
      work_gflop: PAPER_GFLOP.evaluation,
      peers: resnet(peer.evaluation),
    },
    evaluation,
    null,
  ));
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
