import { askedFor } from "../../src/gpu/mod.ts";
import { differentiable, expectShape, placeForGradient, type Tensor } from "../../src/tensor/mod.ts";
import { sumOfRows } from "../sum/sum.ts";
import { dataGradient } from "./data_gradient.ts";
import { forward } from "./forward.ts";
import { type ConvolutionOptions, geometryOf } from "./geometry.ts";
import { weightGradient } from "./weight_gradient.ts";
import { isForWinograd, winogradDataGradient, winogradForward, winogradWeightGradient } from "./winograd.ts";

/** The three passes of a convolution. */
const DIRECT = { forward, dataGradient, weightGradient };
const WINOGRAD: typeof DIRECT = {
  forward: (x, weight, _noBias, g) => winogradForward(x, weight, g),
  dataGradient: winogradDataGradient,
  weightGradient: winogradWeightGradient,
};

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
  const { bias, winograd = false } = options;
  const { images, height, width, out, in: input, kernelWidth, taps, stride, padding, dilation } = geometry;
  const sizes = { images, height, width, out, in: input, kernelWidth, taps, stride, padding, dilation };
  askedFor("convolution", sizes, [x, weight]);
  if (bias) expectShape("convolve", "bias", bias, [geometry.out]);
  const passes = winograd && !bias && isForWinograd(geometry) ? WINOGRAD : DIRECT;
  const y = passes.forward(x, weight, bias, geometry);
  return differentiable(y, bias ? [x, weight, bias] : [x, weight], (gradY) => [
    x.tracked ? passes.dataGradient(gradY, weight, geometry) : undefined,
    weight.tracked ? passes.weightGradient(x, gradY, weight, geometry) : undefined,
    bias?.tracked ? biasGradient(gradY, bias) : undefined,
  ]);
}

function biasGradient(gradY: Tensor, bias: Tensor): Tensor {
  const { place, onto } = placeForGradient(bias);
  return sumOfRows(gradY, place, onto);
}
