import type { NetworkConfiguration } from "../dfdt/mod.ts";
import { UserError } from "../errors.ts";
import { decodeSafetensors } from "../weights/safetensors.ts";
import type { ReferenceOrigin } from "./reference_state.ts";

/** A stored tensor of a fixture. */
export interface ReferenceTensor {
  /** Values as numbers, 64-bit integers included. */
  values: ArrayLike<number>;
  /** Shape as stored. */
  shape: readonly number[];
}

/** A network fixture, `NAME.safetensors` (docs/reference/network.md, 5). */
export interface NetworkFixture {
  /** Sizes of the network. */
  configuration: NetworkConfiguration;
  /** What its parameters are derived from. */
  origin: ReferenceOrigin;
  /** Of its optimiser. */
  optimizer: { learningRate: number; momentum: number; weightDecay: number };
  /** True where tensors are stored as statistics and samples. */
  sampled: boolean;
  /** Training iterations stored. */
  iterations: number;
  /** The episode: grey images and masks, `[H · H]`. */
  input: {
    supportImage: Float32Array<ArrayBuffer>;
    supportMask: Float32Array<ArrayBuffer>;
    queryImage: Float32Array<ArrayBuffer>;
    queryLabel: Float32Array<ArrayBuffer>;
  };
  /** Expected tensors by name. */
  tensors: ReadonlyMap<string, ReferenceTensor>;
}

/**
 * Reads a network fixture.
 *
 * @param name the file's name, for messages
 * @throws {UserError} if the file is not of the reference's form
 */
export function readNetworkFixture(bytes: Uint8Array<ArrayBuffer>, name: string): NetworkFixture {
  const { tensors: stored, metadata } = decodeSafetensors(bytes, name);
  if (metadata.format !== "dfdt-reference/1") {
    throw new UserError(
      "data",
      `Cannot replay "${name}": expected metadata format "dfdt-reference/1", found "${metadata.format}"`,
    );
  }
  const tensors = new Map<string, ReferenceTensor>();
  for (const [key, { data, shape }] of stored) {
    tensors.set(key, {
      values: data instanceof BigInt64Array ? Array.from(data, Number) : data as Float32Array,
      shape,
    });
  }
  const config = JSON.parse(metadata.config);
  const optimizer = JSON.parse(metadata.optimizer);
  const area = config.image ** 2;
  const input = (key: string) => {
    const tensor = tensors.get(`input/${key}`);
    if (!tensor) throw new UserError("data", `Cannot replay "${name}": expected tensor "input/${key}", found none`);
    return Float32Array.from({ length: area }, (_, i) => tensor.values[i]); // the first of equal channels
  };
  return {
    configuration: {
      image: config.image,
      planes: config.base_planes,
      layers: config.layers,
      classes: config.fc_classes,
      channels: config.C,
      parts: config.fg_num,
      embedding: config.swin_embed,
    },
    origin: { salt: metadata.salt, thresholdBias: Number(metadata.tau_bias) },
    optimizer: { learningRate: optimizer.lr, momentum: optimizer.momentum, weightDecay: optimizer.weight_decay },
    sampled: metadata.storage !== "whole",
    iterations: [1, 2].filter((i) => tensors.has(`train${i}/losses`)).length + 1,
    input: {
      supportImage: input("support_image"),
      supportMask: input("support_mask"),
      queryImage: input("query_image"),
      queryLabel: input("query_label"),
    },
    tensors,
  };
}
