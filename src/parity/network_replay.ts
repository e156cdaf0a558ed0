import { add, affine, concatenateColumns } from "../../kernels/mod.ts";
import { LOSS_NAMES, Network } from "../dfdt/mod.ts";
import { differentiate, fromArray, reshape, Scope, type Tensor, toArrays, toIntegers } from "../tensor/mod.ts";
import { openDevice, upload } from "../gpu/mod.ts";
import { ignore } from "../nn/mod.ts";
import { Sgd } from "../training/optimizer.ts";
import type { NetworkFixture } from "./network_fixture.ts";
import { referenceValues } from "./reference_state.ts";

/** Everything that a replay computed, by the fixture's names, in the fixture's layouts. */
export type ReplayedTensors = Map<string, Float32Array | Int32Array>;

/**
 * Runs the evaluation and all training iterations of a network fixture (docs/reference/network.md, 5).
 *
 * Drop-path is off, the sampler starts anew before `eval` and before `train`.
 */
export async function replayNetwork(fixture: NetworkFixture): Promise<ReplayedTensors> {
  await openDevice();
  const network = new Network(fixture.configuration);
  const found: ReplayedTensors = new Map();
  for (const entry of network.parameters.entries) {
    const values = referenceValues(entry, fixture.origin);
    upload(network.parameters.get(entry.name), new Uint8Array(values.buffer));
    found.set(`init/${entry.name}|sample`, values.slice(0, 8));
  }
  await evaluate(network, fixture, found);

  const { parameters } = network;
  const optimizer = new Sgd({
    values: parameters.values,
    gradients: parameters.gradients,
    active: parameters.active,
    momentum: fixture.optimizer.momentum,
    weightDecay: fixture.optimizer.weightDecay,
  });
  network.sampler.reset();
  for (let iteration = 0; iteration < fixture.iterations; iteration++) {
    const group = iteration === 0 ? "train" : `train${iteration}`;
    await iterate(network, fixture, group, found);
    optimizer.step(fixture.optimizer.learningRate);
    if (iteration === 0) await readState(network, found);
  }
  optimizer[Symbol.dispose]();
  network[Symbol.dispose]();
  return found;
}

/** Runs the evaluation of a network fixture alone, with the weights that a network has. */
export async function replayEvaluation(network: Network, fixture: NetworkFixture): Promise<ReplayedTensors> {
  const found: ReplayedTensors = new Map();
  await evaluate(network, fixture, found);
  return found;
}

type Observed = Map<string, Tensor>;

function episode({ configuration, input }: NetworkFixture) {
  const shape = [configuration.image, configuration.image];
  return {
    supportImage: fromArray(input.supportImage, shape),
    supportMask: fromArray(input.supportMask, shape),
    queryImage: fromArray(input.queryImage, shape),
    queryMask: fromArray(input.queryLabel, shape),
  };
}

async function evaluate(network: Network, fixture: NetworkFixture, found: ReplayedTensors): Promise<void> {
  using _scope = new Scope();
  const observed: Observed = new Map();
  network.observe = (name, tensor) => observed.set(name, tensor);
  network.sampler.reset();
  const { image } = fixture.configuration;
  const tensors = episode(fixture);
  const { features, thresholds } = network.encodePair(tensors);
  const support = network.support(features[0], thresholds[0], reshape(tensors.supportMask, [1, image, image, 1]));
  network.objectAndPeriphery(support);
  const { prediction } = network.query(support, features[1], thresholds[1]);
  // The published code repeats the last prediction twice without change.
  for (const repeat of [6, 7]) observed.set(`getPred#${repeat}`, observed.get("getPred#5")!);
  observed.set("prediction", bothChannels(prediction, image));
  network.observe = ignore;
  await collect("eval", observed, found);
}

async function iterate(
  network: Network,
  fixture: NetworkFixture,
  group: string,
  found: ReplayedTensors,
): Promise<void> {
  using _scope = new Scope();
  const observed: Observed = new Map();
  network.observe = (name, tensor) => observed.set(name, tensor);
  network.parameters.clearGradients();
  const tensors = episode(fixture);
  const losses: Tensor[] = [];
  differentiate(() => {
    const result = network.losses(tensors);
    losses.push(...LOSS_NAMES.map((name) => result.losses[name]));
    const total = losses.reduce((sum, loss) => add(sum, loss));
    losses.push(total);
    for (const repeat of [6, 7]) observed.set(`getPred#${repeat}`, observed.get("getPred#5")!);
    observed.set("prediction", result.prediction);
    return total;
  }, () => [...observed.values(), ...losses]);
  observed.set("prediction", bothChannels(observed.get("prediction")!, fixture.configuration.image));
  network.batchesTracked++;
  network.observe = ignore;
  await collect(group, observed, found);
  found.set(`${group}/losses`, Float32Array.from((await toArrays(losses)).map(([value]) => value)));
}

/** `[1 − Y, Y]`, the published form of a prediction. */
function bothChannels(prediction: Tensor, image: number): Tensor {
  const row = reshape(prediction, [1, image * image]);
  return concatenateColumns(affine(row, -1, 1), row);
}

async function collect(group: string, observed: Observed, found: ReplayedTensors): Promise<void> {
  const floats = [...observed].filter(([, tensor]) => tensor.dtype === "f32");
  const arrays = await toArrays(floats.map(([, tensor]) => tensor));
  for (const [i, [name, tensor]] of floats.entries()) found.set(`${group}/${name}`, toChannelsFirst(arrays[i], tensor));
  for (const [name, tensor] of observed) {
    if (tensor.dtype !== "f32") found.set(`${group}/${name}`, await toIntegers(tensor));
  }
}

/** Feature maps are channels-last on the GPU, channels-first in fixtures. */
function toChannelsFirst(values: Float32Array, { shape }: Tensor): Float32Array {
  if (shape.length !== 4) return values;
  const [images, height, width, channels] = shape;
  const area = height * width;
  const result = new Float32Array(values.length);
  for (let n = 0; n < images; n++) {
    for (let p = 0; p < area; p++) {
      for (let c = 0; c < channels; c++) result[(n * channels + c) * area + p] = values[(n * area + p) * channels + c];
    }
  }
  return result;
}

async function readState(network: Network, found: ReplayedTensors): Promise<void> {
  const { parameters } = network;
  const trained = parameters.entries.filter((entry) => entry.kind === "parameter" && entry.gradient);
  const gradients = await toArrays(trained.map(({ name }) => parameters.get(name).gradient!));
  for (const [i, { name }] of trained.entries()) found.set(`grad/${name}`, gradients[i]);
  const values = await toArrays(parameters.entries.map(({ name }) => parameters.get(name)));
  for (const [i, { name }] of parameters.entries.entries()) {
    found.set(`after/${name}`, values[i]);
    if (name.endsWith("running_mean")) {
      found.set(`after/${name.replace("running_mean", "num_batches_tracked")}`, Int32Array.of(network.batchesTracked));
    }
  }
}
