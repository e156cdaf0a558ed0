import { ShapeError } from "../../src/errors.ts";
import { askedFor } from "../../src/gpu/mod.ts";
import { differentiable, expectShape, reshape, type Tensor } from "../../src/tensor/mod.ts";
import { convolution } from "../convolution/convolution.ts";
import { product } from "../matmul/matmul.ts";
import { sum } from "../sum/sum.ts";

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
  if (bias) expectShape("apply a linear layer", "bias", bias, [out]);
  // With whole vec4s on both sides it is a 1×1 convolution of a row of pixels, which has the faster kernels.
  if (input % 4 === 0 && out % 4 === 0) {
    const y = convolution(reshape(x, [1, 1, rows, input]), reshape(weight, [out, input, 1, 1]), { bias });
    return reshape(y, [rows, out]);
  }
  askedFor("matmul", { batch: 1, m: rows, n: out, k: input, transposeA: 0, transposeB: 1 }, [x, weight]);
  const y = multiply(x, weight, { transposeB: true, bias });
  return differentiable(y, bias ? [x, weight, bias] : [x, weight], (gradY) => [
    x.tracked ? multiply(gradY, weight) : undefined,
    weight.tracked ? multiply(gradY, x, { transposeA: true }) : undefined,
    bias?.tracked ? sum(gradY, "rows") : undefined,
  ]);
}

interface Multiplication {
  transposeA?: boolean;
  transposeB?: boolean;
  bias?: Tensor;
}

/** The product of two matrices, without gradient. */
function multiply(a: Tensor, b: Tensor, { transposeA = false, transposeB = false, bias }: Multiplication = {}): Tensor {
  const [left, right] = [a.view([1, ...a.shape]), b.view([1, ...b.shape])];
  const y = product(left, right, transposeA, transposeB, bias);
  const matrix = y.view(y.shape.slice(1));
  for (const view of [left, right, y]) view.release();
  return matrix;
}
