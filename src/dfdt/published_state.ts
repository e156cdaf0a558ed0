import { relativePositions, shiftedWindowMask } from "../nn/mod.ts";
import { type NetworkConfiguration, swinPart } from "./configuration.ts";
import { networkState } from "./state.ts";

/** One entry of the state_dict of the published code. */
export interface PublishedEntry {
  /** Its name. */
  name: string;
  /** Its shape in PyTorch's order. */
  shape: readonly number[];
  /** `counter` is `num_batches_tracked`; `buffer` follows from the sizes of the network. */
  kind: "parameter" | "statistic" | "counter" | "buffer";
  /** Values of a buffer; the integers are int64 in files. */
  values?: BigInt64Array<ArrayBuffer> | Float32Array<ArrayBuffer>;
}

/**
 * All entries of the published state_dict, in its order: 710 for the published network (docs/reference/network.md, 7).
 * To the {@link networkState} it adds what a strict load in the published code also asks for.
 */
export function publishedState(configuration: NetworkConfiguration): PublishedEntry[] {
  const { crop, patch, window } = swinPart(configuration);
  const windows = (crop / patch / window) ** 2;
  const area = window ** 2;
  const result: PublishedEntry[] = [];
  for (const { name, shape, kind } of networkState(configuration)) {
    // A module's own buffers come before its children, after its own parameters.
    if (name === "swim.layers.0.blocks.1.norm1.weight") {
      const values = shiftedWindowMask(crop / patch, window);
      result.push({ name: "swim.layers.0.blocks.1.attn_mask", shape: [windows, area, area], kind: "buffer", values });
    }
    result.push({ name, shape, kind: kind === "statistic" ? "statistic" : "parameter" });
    if (name.endsWith("running_var")) {
      result.push({ name: name.replace("running_var", "num_batches_tracked"), shape: [], kind: "counter" });
    }
    if (name.endsWith("relative_position_bias_table")) {
      const values = BigInt64Array.from(relativePositions(window), BigInt);
      const index = name.replace("bias_table", "index");
      result.push({ name: index, shape: [area, area], kind: "buffer", values });
    }
  }
  return result;
}

/**
 * The configuration that a state_dict was made with, from its shapes. The side of the image is the smallest of those with
 * the same feature map and Swin crop: 257 for the published network, 256 for a gate of 64 × 64.
 *
 * @param shapes by published name
 * @returns `undefined` if the names are not those of a DFDT network
 */
export function configurationOf(shapes: ReadonlyMap<string, readonly number[]>): NetworkConfiguration | undefined {
  const size = (name: string, axis = 0) => shapes.get(name)?.[axis] ?? NaN;
  const blocks = (stage: number) => {
    let count = 0;
    while (shapes.has(`encoder.backbone.layer${stage}.${count}.conv1.weight`)) count++;
    return count;
  };
  const n = size("g.fc1.weight");
  const sides = [4 * n - 3, 4 * n - 2, 4 * n - 1, 4 * n];
  const configuration: NetworkConfiguration = {
    image: NaN,
    planes: size("encoder.backbone.conv1.weight"),
    layers: [blocks(1), blocks(2), blocks(3), blocks(4)],
    classes: size("encoder.backbone.fc.weight"),
    channels: size("encoder.reduce1.weight"),
    parts: size("ea.to_key.weight"),
    embedding: size("swim.patch_embed.proj.weight"),
  };
  const crop = (image: number) => swinPart({ ...configuration, image }).crop;
  configuration.image = sides.find((side) => crop(side) === crop(4 * n)) ?? NaN;
  const isWhole = Object.values(configuration).flat().every((value) => Number.isInteger(value) && value > 0);
  return isWhole ? configuration : undefined;
}
