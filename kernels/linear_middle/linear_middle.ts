import { differentiable, empty, expectShape, placeForGradient, type Tensor } from "../../src/tensor/mod.ts";
import { multiply } from "../matmul/product.ts";
import { sumOfRows } from "../sum/sum.ts";

/**
 * A linear layer over the middle dimension, `y[b, o, c] = Σ weight[o, m]·x[b, m, c]`: one matrix from the left on every `[M, C]`,
 * so that nothing has to be transposed.
 *
 * @param x `[B, M, C]`
 * @param weight `[O, M]`
 * @returns `[B, O, C]`
 * @throws {ShapeError} if the sizes do not fit
 */
export function linearOverMiddle(x: Tensor, weight: Tensor): Tensor {
  expectShape("apply a linear layer over the middle", "x", x, ["B", "M", "C"]);
  const [batch, middle, columns] = x.shape;
  expectShape("apply a linear layer over the middle", "weight", weight, ["O", middle]);
  const [out] = weight.shape;
  const y = empty([batch, out, columns]);
  const left = { batch, n: columns, transposeB: false, sharedA: true };
  multiply({ a: weight, b: x, y }, { ...left, m: out, k: middle, length: middle, transposeA: false });
  return differentiable(y, [x, weight], (gradY) => {
    const gradX = empty(x.shape), parts = empty([batch, out, middle]);
    multiply({ a: weight, b: gradY, y: gradX }, { ...left, m: middle, k: out, length: out, transposeA: true });
    multiply({ a: gradY, b: x, y: parts }, {
      ...{ batch, m: out, n: middle, k: columns, length: columns },
      ...{ transposeA: false, transposeB: true },
    });
    const { place, onto } = placeForGradient(weight);
    const gradW = sumOfRows(parts, place, onto);
    parts.release();
    return [gradX, gradW];
  });
}
