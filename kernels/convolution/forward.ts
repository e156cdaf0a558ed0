import { empty, type Tensor } from "../../src/tensor/mod.ts";
import { hasFastProducts, multiply } from "../matmul/product.ts";
import { type Geometry, isProduct } from "./geometry.ts";
import { forwardWeights } from "./pack.ts";
import { sumOverTaps } from "./sum_over_taps.ts";

/** `y = x * w + bias`, `[N, H', W', out]`. */
export function forward(x: Tensor, weight: Tensor, bias: Tensor | undefined, g: Geometry): Tensor {
  const y = empty([g.images, g.outHeight, g.outWidth, g.out]);
  if (isProduct(g) && hasFastProducts()) {
    const [m, n, k] = [y.size / g.out, g.out, g.in];
    multiply({ a: x, b: weight, bias, y }, { batch: 1, m, n, k, transposeA: false, transposeB: true, length: k });
    return y;
  }
  using weights = forwardWeights(weight, g);
  sumOverTaps({ x, weights, bias, y }, {
    sourceWidth: g.width,
    sourceHeight: g.height,
    kernelWidth: g.kernelWidth,
    taps: g.taps,
    phases: 1,
    multiplier: g.stride,
    offset: -g.padding,
    step: g.dilation,
  });
  return y;
}
