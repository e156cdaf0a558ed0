import { ShapeError } from "../errors.ts";
import { differentiable } from "./tape.ts";
import { elements, type Shape, type Tensor } from "./tensor.ts";

/**
 * The same elements in row-major order under another shape; no copy.
 *
 * @throws {ShapeError} if the number of elements differs
 */
export function reshape(x: Tensor, shape: Shape): Tensor {
  if (elements(shape) !== x.size) throw new ShapeError(`Cannot reshape: expected ${x.size} elements, found [${shape}]`);
  const y = x.view(shape);
  y.leaf = x.gradient ? x : x.leaf;
  return differentiable(y, [x], (gradY) => [gradY.view(x.shape)]);
}

/**
 * A range of the outermost dimension, `x[begin..end)`; no copy. Not differentiable: see the `rows` operator for that.
 *
 * @throws {ShapeError} if the range does not start at a multiple of 64 elements, the alignment of bindings
 */
export function outerRange(x: Tensor, begin: number, end: number): Tensor {
  const inner = x.size / x.shape[0];
  if ((begin * inner) % 64 !== 0) {
    throw new ShapeError(`Cannot view rows ${begin}..${end} of [${x.shape}]: not aligned`);
  }
  return x.view([end - begin, ...x.shape.slice(1)], begin * inner);
}
