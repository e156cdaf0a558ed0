import assert from "node:assert/strict";
import { countMemory, openDevice, upload } from "../gpu/mod.ts";
import { Random } from "../random.ts";
import { fromArray, Scope, toArray, toArrays, zeros } from "../tensor/mod.ts";
import { initialWeights, Network, type NetworkConfiguration } from "./mod.ts";
import { DfdtTrainable } from "./trainable.ts";

const CONFIGURATION: NetworkConfiguration = {
  image: 65,
  planes: 8,
  layers: [2, 3, 7, 2],
  classes: 20,
  channels: 16,
  parts: 5,
  embedding: 12,
};

function episode() {
  const random = new Random("checkpoint");
  const { image: side } = CONFIGURATION;
  const image = () => fromArray(Float32Array.from({ length: side * side }, () => random.normal()), [side, side]);
  const mask = (x: number) =>
    fromArray(
      Float32Array.from({ length: side * side }, (_, i) => Number(Math.hypot(i % side - x, i / side - 30) < 12)),
      [side, side],
    );
  return { supportImage: image(), supportMask: mask(30), queryImage: image(), queryMask: mask(34) };
}

/** Gradients, statistics and scalars after a training step. */
async function step(checkpoint: boolean): Promise<Float32Array[]> {
  const network = new Network(CONFIGURATION, { checkpoint });
  for (const [name, values] of initialWeights(CONFIGURATION, { seed: 1 })) {
    upload(network.parameters.get(name), new Uint8Array(values.buffer));
  }
  using _scope = new Scope();
  const { scalars } = new DfdtTrainable(network, { seed: 1 }).step(episode(), 1);
  const statistics = network.parameters.entries.filter(({ kind }) => kind === "statistic");
  const result = [
    await toArray(scalars),
    await toArray(network.parameters.gradients),
    ...await toArrays(statistics.map(({ name }) => network.parameters.get(name))),
  ];
  network[Symbol.dispose]();
  return result;
}

Deno.test("a network with checkpoints has the same gradients and statistics to the bit", async () => {
  await openDevice();
  const [plain, again] = [await step(false), await step(true)];
  assert.ok(plain[1].some((value) => value !== 0));
  for (const [i, values] of plain.entries()) {
    const different = values.reduce((count, value, k) => count + Number(!Object.is(value, again[i][k])), 0);
    assert.equal(different, 0, `values of array ${i}`);
  }
});

Deno.test("countMemory() of a step of the published network stays under 4 GiB, and under 2 GiB with checkpoints", async () => {
  await openDevice();
  const paper: NetworkConfiguration = {
    image: 257,
    planes: 64,
    layers: [3, 4, 23, 3],
    classes: 1000,
    channels: 512,
    parts: 100,
    embedding: 96,
  };
  const bytes = (checkpoint: boolean) =>
    countMemory(() => {
      const network = new Network(paper, { checkpoint });
      zeros(network.parameters.values.shape); // the velocities
      const map = () => zeros([257, 257]);
      using _scope = new Scope();
      const images = { supportImage: map(), supportMask: map(), queryImage: map(), queryMask: map() };
      for (let k = 1; k <= 3; k++) new DfdtTrainable(network, { seed: 1 }).step(images, k);
    }).allocatedPeak / 2 ** 30;
  const [plain, checkpointed] = [bytes(false), bytes(true)];
  assert.ok(plain > 2.5 && plain < 4, `${plain} GiB`);
  assert.ok(checkpointed > 1 && checkpointed < 2, `${checkpointed} GiB`);
});
