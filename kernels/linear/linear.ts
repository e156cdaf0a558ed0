import { ShapeError } from "../../src/errors.ts";
import { reshape, type Tensor } from "../../src/tensor/mod.ts";
import { convolution } from "../convolution/convolution.ts";
import { add } from "../elementwise/elementwise.ts";
import { matmul } from "../matmul/matmul.ts";

/**
 * Fully connected layer `x·Wᵀ + b`.
 *
 * @param x `[rows, in]`
 * @param weight `[out, in]`
 * @param bias `[out]`
 * @returns `[rows, out]`
 * @throws {ShapeError} if the sizes do not fit
 */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  const [rows, input] = x.shape;
  const [out] = weight.shape;
  if (x.shape.length !== 2 || weight.shape.length !== 2 || weight.shape[1] !== input) {
    throw new ShapeError(
      `Cannot apply a linear layer: expected x [rows, in] and weight [out, in], found [${x.shape.join(", ")}] and ` +
        `[${weight.shape.join(", ")}]`,
    );
  }
  // With whole vec4s on both sides it is a 1×1 convolution of a row of pixels, which has the faster kernels.
  const wide = input % 4 === 0 && out % 4 === 0;
  const y = wide
    ? convolution(reshape(x, [1, 1, rows, input]), reshape(weight, [out, input, 1, 1]))
    : matmul(reshape(x, [1, rows, input]), reshape(weight, [1, out, input]), { transposeB: true });
  const result = reshape(y, [rows, out]);
  return bias ? add(result, bias) : result;
}
