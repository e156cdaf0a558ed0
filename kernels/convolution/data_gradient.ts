import { empty, type Tensor } from "../../src/tensor/mod.ts";
import { hasFastProducts, multiply } from "../matmul/product.ts";
import { type Geometry, isProduct } from "./geometry.ts";
import { transposedWeights } from "./pack.ts";
import { sumOverTaps } from "./sum_over_taps.ts";

/**
 * The gradient of x, `[N, H, W, C]`: a convolution of gradY with in and out exchanged, whose taps fall between pixels where
 * stride > 1.
 */
export function dataGradient(gradY: Tensor, weight: Tensor, g: Geometry): Tensor {
  const gradX = empty([g.images, g.height, g.width, g.channels]);
  if (isProduct(g) && hasFastProducts()) {
    const [m, n, k] = [gradY.size / g.out, g.in, g.out];
    multiply({ a: gradY, b: weight, y: gradX }, { batch: 1, m, n, k, transposeA: false, transposeB: false, length: k });
    return gradX;
  }
  using weights = transposedWeights(weight, g);
  sumOverTaps({ x: gradY, weights, y: gradX }, {
    sourceWidth: g.outWidth,
    sourceHeight: g.outHeight,
    kernelWidth: g.kernelWidth,
    taps: g.taps,
    phases: g.stride,
    multiplier: 1,
    offset: g.padding,
    step: -g.dilation,
  });
  return gradX;
}
