import { kernel } from "../../src/gpu/mod.ts";
import { empty, gradientSoFar, type Tensor } from "../../src/tensor/mod.ts";
import source from "./outer.wgsl" with { type: "text" };

const outerKernel = kernel(source, "outer");

/**
 * An outer product as the gradient of x, added to what has come to x so far where that is x's alone: features meet a dozen
 * prototypes in a step, and each of them would else make a map of its own and a sum of two.
 *
 * @param x `[R, C]`, C a multiple of 4
 * @param column R numbers
 * @param row C numbers
 * @returns `[R, C]`
 */
export function outerGradient(x: Tensor, column: Tensor, row: Tensor): Tensor {
  const [rows, columns] = x.shape;
  const before = gradientSoFar(x), y = before ?? empty(x.shape);
  const sizes = { rows, groups: columns / 4 };
  outerKernel.dispatch({ sizes, column, row, y }, { threads: x.size / 4, constants: { onto: before ? 1 : 0 } });
  return y;
}
