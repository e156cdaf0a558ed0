import {
  add,
  gatherRows,
  gelu,
  linear,
  matmul,
  multiply,
  normalizeRows,
  permute,
  rowConvolution,
  type RowIndex,
  rowIndex,
  rowProducts,
  softmax,
  suppress,
} from "../../kernels/mod.ts";
import { dense, layerNormalize, type Pass } from "../nn/mod.ts";
import { reshape, type Tensor } from "../tensor/mod.ts";
import { LOCAL_TAPS, WIDE_TAPS } from "./state.ts";

/** Rounds of the prototype transformer in an episode, all with the same weights (docs/reference/network.md, 2.9). */
export const ROUNDS = 3;

const SMALLEST_NORM = 1e-12;

/** The middle rows of the depthwise kernels, as rows of single elements. */
export interface KernelRows {
  /** Of the 5×5 kernels. */
  local: RowIndex;
  /** Of the 7×7 kernels. */
  wide: RowIndex;
}

/** Index tables of {@link pdet} for `channels` channels. */
export function kernelRows(channels: number): KernelRows {
  return { local: middleRows(channels, LOCAL_TAPS), wide: middleRows(channels, WIDE_TAPS) };
}

/**
 * The maps have height 1, so only the middle row of each kernel ever meets data (docs/reference/network.md, 2.9, step
 * 4).
 */
function middleRows(channels: number, taps: number): RowIndex {
  const middle = (taps - 1) / 2;
  const index = Int32Array.from({ length: channels * taps }, (_, i) => {
    return (Math.floor(i / taps) * taps + middle) * taps + i % taps;
  });
  return rowIndex(index, channels * taps * taps);
}

/** The depthwise kernels of an episode, a row of taps for every channel. */
export interface DepthwiseKernels {
  /** `[C, 5]`. */
  local: Tensor;
  /** `[C, 7]`. */
  wide: Tensor;
}

/** Gathers the middle rows of the depthwise kernels, once for all rounds. */
export function depthwiseKernels({ parameters }: Pass, rows: KernelRows): DepthwiseKernels {
  const gather = (name: string, index: RowIndex, taps: number) => {
    const kernels = parameters.get(`${name}.weight`), [channels] = kernels.shape;
    return reshape(gatherRows(reshape(kernels, [kernels.size, 1]), index), [channels, taps]);
  };
  return {
    local: gather("ea.lka.conv0", rows.local, LOCAL_TAPS),
    wide: gather("ea.lka.conv_spatial", rows.wide, WIDE_TAPS),
  };
}

/**
 * One round of the prototype transformer: new part prototypes from the old ones and the query's
 * (docs/reference/network.md, 2.9).
 *
 * @param prototypes P, `[K, C]`
 * @param query q, `[1, C]`
 * @param options the depthwise kernels; whether kc is rounded down, as published; the round 0, 1 or 2, for the observer
 * @returns P', `[K, C]`
 */
export function pdet(
  pass: Pass,
  { prototypes, query }: { prototypes: Tensor; query: Tensor },
  { kernels, floored, round }: { kernels: DepthwiseKernels; floored: boolean; round: number },
): Tensor {
  const [parts, channels] = prototypes.shape;
  const affinity = rowProducts(prototypes, query);
  pass.observe(`pdet.affinity#${round}`, affinity);
  const { suppressed, threshold } = suppress(reshape(affinity, [parts]), { floored });
  pass.observe(`pdet.kc#${round}`, threshold);
  const weights = softmax(reshape(suppressed, [1, parts]));
  const enriched = add(
    prototypes,
    reshape(matmul(reshape(weights, [1, parts, 1]), reshape(query, [1, 1, channels])), [
      parts,
      channels,
    ]),
  );
  const normalized = layerNormalize(pass, "layer_norm", enriched);
  pass.observe(`pdet.layer_norm#${round}`, normalized);
  // From here the C channels are tokens with K numbers each.
  const attended = permute(efficientAttention(pass, permute(normalized, [1, 0]), kernels, round), [1, 0]);
  const hidden = gelu(dense(pass, "MLP.mlp.0", attended));
  const result = layerNormalize(pass, "MLP.norm", add(dense(pass, "MLP.mlp.2", hidden), attended));
  pass.observe(`pdet.mlp#${round}`, result);
  return result;
}

/** Attention over channels, `[C, K]` → `[C, K]` (docs/reference/network.md, 2.9, steps 3 to 5). */
function efficientAttention(pass: Pass, x: Tensor, kernels: DepthwiseKernels, round: number): Tensor {
  const [channels, parts] = x.shape;
  const key = normalizeRows(dense(pass, "ea.to_key", x), SMALLEST_NORM);
  const local = multiply(x, largeKernel(pass, x, kernels));
  pass.observe(`pdet.lka#${round}`, local);
  const queries = normalizeRows(dense(pass, "ea.to_query", local), SMALLEST_NORM);
  // The published code divides by √K before it brings them to unit length: then the smallest norm counts √K times as much.
  const alpha = linear(queries, reshape(pass.parameters.get("ea.w_a"), [1, parts]));
  const weights = normalizeRows(reshape(alpha, [1, channels]), SMALLEST_NORM * parts ** 0.5);
  const global = matmul(reshape(weights, [1, 1, channels]), reshape(queries, [1, channels, parts]));
  const mixed = dense(pass, "ea.Proj", multiply(key, reshape(global, [1, parts])));
  const result = dense(pass, "ea.final", add(mixed, queries));
  pass.observe(`pdet.ea#${round}`, result);
  return result;
}

/** The large-kernel attention: two depthwise convolutions along K and one over the channels, `[C, K]` → `[C, K]`. */
function largeKernel({ parameters }: Pass, x: Tensor, { local, wide }: DepthwiseKernels): Tensor {
  const [channels, parts] = x.shape;
  const near = rowConvolution(x, local, { bias: parameters.get("ea.lka.conv0.bias"), dilation: 1 });
  const far = rowConvolution(near, wide, { bias: parameters.get("ea.lka.conv_spatial.bias"), dilation: 3 });
  const weight = reshape(parameters.get("ea.lka.conv1.weight"), [1, channels, channels]);
  const mixed = reshape(matmul(weight, reshape(far, [1, channels, parts])), [channels, parts]);
  return add(mixed, reshape(parameters.get("ea.lka.conv1.bias"), [channels, 1]));
}
