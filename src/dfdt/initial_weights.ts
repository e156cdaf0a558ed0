import { Random } from "../random.ts";
import type { StateEntry } from "../nn/mod.ts";
import type { NetworkConfiguration } from "./configuration.ts";
import { networkState } from "./state.ts";

/** What a run may change about the published initial weights. */
export interface InitialWeightsOptions {
  /** Names one set of weights. */
  seed: number;
  /** Start of `encoder.reduce1d.bias`, which sets how much of an image is foreground at first; published: uniform. */
  thresholdBias?: number;
  /** Names that are given otherwise: they are left out. */
  without?: ReadonlySet<string>;
}

/**
 * Initial state (docs/reference/network.md, 4.1): every tensor has a random stream of its own, named by seed and
 * state_dict name, so one can be made again alone.
 *
 * @returns arrays in PyTorch's layout by state_dict name
 */
export function initialWeights(
  configuration: NetworkConfiguration,
  { seed, thresholdBias, without }: InitialWeightsOptions,
): Map<string, Float32Array<ArrayBuffer>> {
  const result = new Map<string, Float32Array<ArrayBuffer>>();
  const entries = networkState(configuration);
  const shapes = new Map(entries.map(({ name, shape }) => [name, shape]));
  for (const entry of entries) {
    if (without?.has(entry.name)) continue;
    const draw = distribution(entry, shapes, configuration);
    const random = new Random(seed, "initial weights", entry.name);
    const size = entry.shape.reduce((a, b) => a * b, 1);
    result.set(entry.name, Float32Array.from({ length: size }, () => draw(random)));
  }
  if (thresholdBias !== undefined) result.get("encoder.reduce1d.bias")?.fill(thresholdBias);
  return result;
}

type Draw = (random: Random) => number;

function distribution(
  { name, shape }: StateEntry,
  shapes: ReadonlyMap<string, readonly number[]>,
  { channels }: NetworkConfiguration,
): Draw {
  const product = (sizes: readonly number[]) => sizes.reduce((a, b) => a * b, 1);
  const uniform = (limit: number): Draw => (random) => random.uniform(-limit, limit);
  const normal = (deviation: number): Draw => (random) => deviation * random.normal();
  const constant = (value: number): Draw => () => value;

  if (name.endsWith("running_mean")) return constant(0);
  if (name.endsWith("running_var")) return constant(1);
  const isNorm = /(^|\.)(bn\d|norm\d?|layer_norm|downsample\.1)\.(weight|bias)$/.test(name);
  if (isNorm) return constant(name.endsWith("weight") ? 1 : 0);
  if (name === "ea.w_a") return normal(1);
  if (name.endsWith("relative_position_bias_table")) return truncated(0.02);
  if (name.startsWith("MHA.fc")) {
    const [out, input] = shapes.get("MHA.fc.weight")!;
    return name.endsWith("weight") ? normal(Math.sqrt(2 / (input + out))) : uniform(1 / Math.sqrt(input));
  }
  if (name.startsWith("MHA.")) {
    return name.endsWith("weight") ? normal(Math.sqrt(2 / (2 * channels))) : uniform(1 / Math.sqrt(channels));
  }
  if (/^swim\.(layers|head)/.test(name)) return name.endsWith("weight") ? truncated(0.02) : constant(0);
  if (name.startsWith("encoder.") && shape.length === 4) {
    // fan-out of a convolution with a ReLU's gain
    return normal(Math.sqrt(2 / (shape[2] * shape[3] * shape[0])));
  }
  const weight = shapes.get(name.replace(/bias$/, "weight"))!;
  return uniform(1 / Math.sqrt(product(weight.slice(1))));
}

/** Normal, drawn again beyond ±2. */
function truncated(deviation: number): Draw {
  return (random) => {
    for (;;) {
      const value = deviation * random.normal();
      if (Math.abs(value) <= 2) return value;
    }
  };
}
