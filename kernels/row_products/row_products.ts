import { ShapeError } from "../../src/errors.ts";
import { differentiable, expectShape, type Tensor } from "../../src/tensor/mod.ts";
import { product } from "../matmul/matmul.ts";
import { outerGradient } from "./outer.ts";

/**
 * The product of every row with one vector, `x·vᵀ`.
 *
 * @param x `[R, C]`, C a multiple of 4
 * @param v `[1, C]`
 * @returns `[R, 1]`
 * @throws {ShapeError} if the sizes do not fit
 */
export function rowProducts(x: Tensor, v: Tensor): Tensor {
  expectShape("multiply rows", "x", x, ["R", "C"]);
  const [rows, columns] = x.shape;
  if (columns % 4 !== 0) {
    throw new ShapeError(`Cannot multiply rows: expected x [R, 4·n], found [${x.shape.join(", ")}]`);
  }
  expectShape("multiply rows", "v", v, [1, columns]);
  const matrix = x.view([1, rows, columns]), vector = v.view([1, 1, columns]);
  const result = product(matrix, vector, false, true), y = result.view([rows, 1]);
  for (const view of [matrix, vector, result]) view.release();
  return differentiable(y, [x, v], (gradY) => [
    x.tracked ? outerGradient(x, gradY, v) : undefined,
    v.tracked ? sumOfScaledRows(x, gradY) : undefined,
  ]);
}

/**
 * `Σ factors[r]·x[r]`, without gradient.
 *
 * @param x `[R, C]`
 * @param factors R numbers
 * @returns `[1, C]`
 */
export function sumOfScaledRows(x: Tensor, factors: Tensor): Tensor {
  const [rows, columns] = x.shape;
  const matrix = x.view([1, rows, columns]), vector = factors.view([1, 1, rows]);
  const result = product(vector, matrix, false, false), y = result.view([1, columns]);
  for (const view of [matrix, vector, result]) view.release();
  return y;
}
