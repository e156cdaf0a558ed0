import { ShapeError } from "../../src/errors.ts";
import { copy } from "../../src/gpu/mod.ts";
import {
  addInPlace,
  BINDABLE,
  differentiable,
  empty,
  gradientSoFar,
  type Tensor,
  zeros,
} from "../../src/tensor/mod.ts";

/**
 * A range of the outermost dimension, `x[begin..end)`.
 *
 * @param x any shape; the result is a view of it where a kernel can bind one, else a copy
 * @throws {ShapeError} if the range does not lie inside of x
 */
export function sliceRows(x: Tensor, begin: number, end: number): Tensor {
  const [rows, ...rest] = x.shape;
  if (!(0 <= begin && begin < end && end <= rows)) {
    throw new ShapeError(
      `Cannot slice [${x.shape.join(", ")}]: expected a range of rows in 0..${rows}, found ${begin}..${end}`,
    );
  }
  const shape = [end - begin, ...rest];
  const offset = begin * (x.size / rows);
  const part = (whole: Tensor) => whole.view(shape, offset);
  const isBindable = offset % BINDABLE === 0;
  let y = part(x);
  if (!isBindable) {
    const source = y;
    copy(source, y = empty(shape));
    source.release();
  }
  return differentiable(y, [x], (gradY) => {
    const before = isBindable ? gradientSoFar(x) : undefined;
    const gradX = before ?? zeros(x.shape);
    const target = part(gradX);
    if (before) addInPlace(gradY, target);
    else copy(gradY, target);
    target.release();
    return [gradX];
  });
}
