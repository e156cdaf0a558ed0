import { batchNorm, layerNorm as normalize, linear } from "../../kernels/mod.ts";
import type { Tensor } from "../tensor/mod.ts";
import type { Pass } from "./pass.ts";

/** Fully connected layer `NAME.weight`, `NAME.bias`: `x · Wᵀ + b`, `[rows, in]` → `[rows, out]`. */
export function dense(pass: Pass, name: string, x: Tensor): Tensor {
  return linear(x, pass.parameters.get(`${name}.weight`), pass.parameters.get(`${name}.bias`));
}

/** How a batch norm ends. */
export interface NormEnd {
  /** Ends with a ReLU. */
  relu?: boolean;
  /** Is added before the ReLU, the shape of the input. */
  residual?: Tensor;
}

/** Batch norm `NAME.weight|bias|running_mean|running_var` over all but the last dimension. */
export function batchNormalize(pass: Pass, name: string, x: Tensor, end: NormEnd = {}): Tensor {
  const { parameters, training, again = false } = pass;
  return batchNorm(x, {
    weight: parameters.get(`${name}.weight`),
    bias: parameters.get(`${name}.bias`),
    runningMean: parameters.get(`${name}.running_mean`),
    runningVariance: parameters.get(`${name}.running_var`),
  }, { training, ...end, ...(again ? { momentum: 0 } : {}) });
}

/** Layer norm `NAME.weight|bias` over the last dimension, `[rows, C]`. */
export function layerNormalize(pass: Pass, name: string, x: Tensor): Tensor {
  return normalize(x, pass.parameters.get(`${name}.weight`), pass.parameters.get(`${name}.bias`));
}
