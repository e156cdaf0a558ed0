import { ShapeError } from "../../src/errors.ts";
import { kernel } from "../../src/gpu/mod.ts";
import { differentiable, empty, type Tensor } from "../../src/tensor/mod.ts";
import source from "./permute.wgsl" with { type: "text" };

const permuteKernel = kernel(source, "permute");

/** Most dimensions that can be permuted. */
const RANK = 5;

/**
 * Puts the dimensions into another order, as NumPy's `transpose` does.
 *
 * @param x at most 5 dimensions
 * @param order dimension k of the result is dimension `order[k]` of x
 * @throws {ShapeError} if `order` does not name every dimension once
 */
export function permute(x: Tensor, order: readonly number[]): Tensor {
  const valid = order.length === x.shape.length && order.length <= RANK &&
    [...order].sort((a, b) => a - b).every((dimension, k) => dimension === k);
  if (!valid) {
    throw new ShapeError(`Cannot permute: expected an order of [${x.shape.join(", ")}], found [${order.join(", ")}]`);
  }
  const inverse = order.map((_, k) => order.indexOf(k));
  return differentiable(run(x, order), [x], (gradY) => [run(gradY, inverse)]);
}

function run(x: Tensor, order: readonly number[]): Tensor {
  const strides = x.shape.map((_, k) => x.shape.slice(k + 1).reduce((a, b) => a * b, 1));
  const y = empty(order.map((dimension) => x.shape[dimension]));
  const fill = RANK - order.length;
  const sizes: Record<string, number> = {};
  for (let k = 0; k < RANK; k++) sizes[`n${k}`] = k < fill ? 1 : y.shape[k - fill];
  for (let k = 0; k < RANK; k++) sizes[`s${k}`] = k < fill ? 0 : strides[order[k - fill]];
  permuteKernel.dispatch({ sizes, x, y }, { threads: y.size });
  return y;
}
