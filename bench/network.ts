import { presetConfiguration } from "../experiments/common/presets.ts";
import { DfdtTrainable, initialWeights, Network } from "../src/dfdt/mod.ts";
import { memoryUse, prewarm, resetPeakMemory, upload } from "../src/gpu/mod.ts";
import { segmentSlices } from "../src/inference/segmenter.ts";
import { fromArray, Scope } from "../src/tensor/mod.ts";
import { Sgd } from "../src/training/optimizer.ts";
import { type BenchRow, benchRow, gpuTimings, hostTiming } from "./measure.ts";

/** A training step and the segmentation of a volume by the `tiny` network. */
export async function network(onRow: (row: BenchRow) => void): Promise<void> {
  const { network: configuration } = presetConfiguration("tiny");
  const side = configuration.image;
  const network = new Network(configuration);
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
  const train = () => {
    using _scope = new Scope();
    const slice = (data: Float32Array<ArrayBuffer>) => fromArray(data, [side, side]);
    const episode = {
      supportImage: slice(image),
      supportMask: slice(mask),
      queryImage: slice(image),
      queryMask: slice(mask),
    };
    trainable.step(episode, step++);
    optimizer.step(1e-4);
  };
  await prewarm(train);
  resetPeakMemory();
  const [training] = await gpuTimings([train]);
  const peak = (memoryUse().peak / 2 ** 20).toFixed(0);
  onRow(
    benchRow({ suite: "network", name: `tiny, training step (peak ${peak} MiB)`, work_gflop: null }, training, null),
  );
  const queries = Array.from({ length: 24 }, () => image);
  const segment = async () => void await segmentSlices(network, { image, mask }, queries);
  onRow(
    benchRow(
      { suite: "network", name: "tiny, 24 slices from one support", work_gflop: null },
      await hostTiming(segment, 5),
      null,
    ),
  );
  optimizer.release();
  network.release();
}
