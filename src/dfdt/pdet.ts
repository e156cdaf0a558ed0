import {
  add,
  affine,
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

/**
 * One round of the prototype transformer: new part prototypes from the old ones and the query's
 * (docs/reference/network.md, 2.9).
 *
 * @param prototypes P, `[K, C]`
 * @param query q, `[1, C]`
 * @param options index tables; whether kc is rounded down, as published; the round 0, 1 or 2, for the observer
 * @returns P', `[K, C]`
 */
export function pdet(
  pass: Pass,
  { prototypes, query }: { prototypes: Tensor; query: Tensor },
  { rows, floored, round }: { rows: KernelRows; floored: boolean; round: number },
): Tensor {
  const [parts, channels] = prototypes.shape;
  const affinity = linear(prototypes, query);
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
  const attended = permute(efficientAttention(pass, permute(normalized, [1, 0]), rows, round), [1, 0]);
  const hidden = gelu(dense(pass, "MLP.mlp.0", attended));
  const result = layerNormalize(pass, "MLP.norm", add(dense(pass, "MLP.mlp.2", hidden), attended));
  pass.observe(`pdet.mlp#${round}`, result);
  return result;
}

/** Attention over channels, `[C, K]` → `[C, K]` (docs/reference/network.md, 2.9, steps 3 to 5). */
function efficientAttention(pass: Pass, x: Tensor, rows: KernelRows, round: number): Tensor {
  const [channels, parts] = x.shape;
  const key = normalizeRows(dense(pass, "ea.to_key", x), SMALLEST_NORM);
  const local = multiply(x, largeKernel(pass, x, rows));
  pass.observe(`pdet.lka#${round}`, local);
  const queries = normalizeRows(dense(pass, "ea.to_query", local), SMALLEST_NORM);
  const alpha = affine(linear(queries, reshape(pass.parameters.get("ea.w_a"), [1, parts])), parts ** -0.5, 0);
  const weights = normalizeRows(reshape(alpha, [1, channels]), SMALLEST_NORM);
  const global = matmul(reshape(weights, [1, 1, channels]), reshape(queries, [1, channels, parts]));
  const mixed = dense(pass, "ea.Proj", multiply(key, reshape(global, [1, parts])));
  const result = dense(pass, "ea.final", add(mixed, queries));
  pass.observe(`pdet.ea#${round}`, result);
  return result;
}

/** The large-kernel attention: two depthwise convolutions along K and one over the channels, `[C, K]` → `[C, K]`. */
function largeKernel(pass: Pass, x: Tensor, rows: KernelRows): Tensor {
  const { parameters } = pass;
  const [channels] = x.shape;
  const depthwise = (name: string, input: Tensor, index: RowIndex, taps: number, dilation: number) => {
    const kernels = reshape(parameters.get(`${name}.weight`), [channels * taps * taps, 1]);
    const weight = reshape(gatherRows(kernels, index), [channels, taps]);
    return rowConvolution(input, weight, { bias: parameters.get(`${name}.bias`), dilation });
  };
  const near = depthwise("ea.lka.conv0", x, rows.local, LOCAL_TAPS, 1);
  const far = depthwise("ea.lka.conv_spatial", near, rows.wide, WIDE_TAPS, 3);
  const weight = reshape(parameters.get("ea.lka.conv1.weight"), [channels, channels]);
  return permute(linear(permute(far, [1, 0]), weight, parameters.get("ea.lka.conv1.bias")), [1, 0]);
}
