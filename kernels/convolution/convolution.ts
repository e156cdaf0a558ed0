import { differentiable, expectShape, roomForGradient, type Tensor } from "../../src/tensor/mod.ts";
import { sumOfRows } from "../sum/sum.ts";
import { dataGradient } from "./data_gradient.ts";
import { forward } from "./forward.ts";
import { type ConvolutionOptions, geometryOf } from "./geometry.ts";
import { weightGradient } from "./weight_gradient.ts";

/**
 * Convolution (cross-correlation), with PyTorch's weights.
 *
 * @param x `[N, H, W, C]`, C being the weights' input channels rounded up to a multiple of 4, with zeros in the rest
 * @param weight `[out, in, kernel height, kernel width]`, `out` a multiple of 4
 * @returns `[N, H', W', out]`
 * @throws {ShapeError} if the channels or the bias do not fit
 */
export function convolution(x: Tensor, weight: Tensor, options: ConvolutionOptions = {}): Tensor {
  const geometry = geometryOf(x, weight, options);
  const { bias } = options;
  if (bias) expectShape("convolve", "bias", bias, [geometry.out]);
  const y = forward(x, weight, bias, geometry);
  return differentiable(y, bias ? [x, weight, bias] : [x, weight], (gradY) => [
    x.tracked ? dataGradient(gradY, weight, geometry) : undefined,
    weight.tracked ? weightGradient(x, gradY, weight, geometry) : undefined,
    bias?.tracked ? sumOfRows(gradY, roomForGradient(bias)) : undefined,
  ]);
}
