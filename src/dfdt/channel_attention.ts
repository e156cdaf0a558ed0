import {
  concatenateColumns,
  linear,
  maximumOverMiddle,
  mean,
  multiply,
  rowConvolution,
  sigmoid,
} from "../../kernels/mod.ts";
import type { Pass } from "../nn/mod.ts";
import { reshape, type Tensor } from "../tensor/mod.ts";

/**
 * Channel attention `f' = f · σ(conv₃(conv1([mean f; max f])))`, the second convolution along the channel axis
 * (docs/reference/network.md, 2.4).
 *
 * @param features `[N, n, n, C]`
 * @returns the same shape
 */
export function channelAttention(pass: Pass, features: Tensor): Tensor {
  const [images, height, width, channels] = features.shape;
  const pixels = reshape(features, [images, height * width, channels]);
  const summary = concatenateColumns(mean(pixels, "middle"), maximumOverMiddle(pixels));
  const { parameters } = pass;
  const mixed = linear(summary, reshape(parameters.get("eca.conv1.weight"), [channels, 2 * channels]));
  const weight = reshape(parameters.get("eca.conv.weight"), [1, 3]);
  const attention = sigmoid(rowConvolution(mixed, weight, {}));
  const result = multiply(features, reshape(attention, [images, 1, 1, channels]));
  pass.observe("eca", result);
  return result;
}
