import { ShapeError } from "../../src/errors.ts";
import { copy } from "../../src/gpu/mod.ts";
import { differentiable, empty, type Tensor, zeros } from "../../src/tensor/mod.ts";

/**
 * A range of the outermost dimension, `x[begin..end)`.
 *
 * @param x any shape
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
  const y = empty(shape);
  const source = part(x);
  copy(source, y);
  source.release();
  return differentiable(y, [x], (gradY) => {
    const gradX = zeros(x.shape);
    const target = part(gradX);
    copy(gradY, target);
    target.release();
    return [gradX];
  });
}
