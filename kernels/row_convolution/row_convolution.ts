import { kernel } from "../../src/gpu/mod.ts";
import { differentiable, empty, emptyLike, expectShape, type Tensor } from "../../src/tensor/mod.ts";
import { ShapeError } from "../../src/errors.ts";
import { sum } from "../sum/sum.ts";
import source from "./row_convolution.wgsl" with { type: "text" };
import weightGradientSource from "./weight_gradient.wgsl" with { type: "text" };

const rowConvolutionKernel = kernel(source, "rowConvolution");
const weightGradientKernel = kernel(weightGradientSource, "rowWeightGradient");

/** What a row convolution may differ in. */
export interface RowConvolutionOptions {
  /** Added to every row, `[R]`. */
  bias?: Tensor;
  /** Step between taps, 1 unless given. */
  dilation?: number;
}

/**
 * One-dimensional convolution of every row, as long as the row, zero outside: with a row of weights for each (depthwise
 * convolution of maps of height 1) or one for all (convolution along the channel axis).
 *
 * @param x `[R, L]`
 * @param weight `[R, taps]` or `[1, taps]`, an odd number of taps
 * @returns `[R, L]`
 * @throws {ShapeError} if the sizes do not fit
 */
export function rowConvolution(x: Tensor, weight: Tensor, { bias, dilation = 1 }: RowConvolutionOptions = {}): Tensor {
  expectShape("convolve rows", "x", x, ["R", "L"]);
  const [rows, length] = x.shape;
  const [weightRows, taps] = weight.shape;
  if (weight.shape.length !== 2 || taps % 2 === 0 || (weightRows !== rows && weightRows !== 1)) {
    throw new ShapeError(
      `Cannot convolve rows: expected weight [${rows} or 1, odd taps], found [${weight.shape.join(", ")}]`,
    );
  }
  if (bias) expectShape("convolve rows", "bias", bias, [rows]);
  const sizes = { rows, length, taps, dilation, forwards: 1, weightRows, biasRows: bias ? rows : 0 };
  const y = emptyLike(x);
  rowConvolutionKernel.dispatch({ sizes, x, weight, bias: bias ?? weight, y }, { threads: x.size });
  return differentiable(y, [x, weight, ...(bias ? [bias] : [])], (gradY) => {
    let gradX: Tensor | undefined;
    if (x.tracked) {
      gradX = emptyLike(x);
      const turned = { ...sizes, forwards: -1, biasRows: 0 };
      rowConvolutionKernel.dispatch({ sizes: turned, x: gradY, weight, bias: weight, y: gradX }, { threads: x.size });
    }
    let gradW = empty([rows, taps]);
    weightGradientKernel.dispatch({ sizes: { rows, length, taps, dilation }, x, gradY, gradW }, {
      threads: gradW.size,
    });
    if (weightRows !== rows) {
      const perRow = gradW;
      const total = sum(perRow, "rows");
      gradW = total.view(weight.shape);
      total.release();
      perRow.release();
    }
    return [gradX, gradW, ...(bias ? [sum(gradY, "columns")] : [])];
  });
}
