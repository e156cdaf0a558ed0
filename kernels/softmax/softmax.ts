import { kernel } from "../../src/gpu/mod.ts";
import { differentiable, emptyLike, expectShape, type Tensor } from "../../src/tensor/mod.ts";
import gradientSource from "./gradient.wgsl" with { type: "text" };
import source from "./softmax.wgsl" with { type: "text" };

const softmaxKernel = kernel(source, "softmax");
const gradientKernel = kernel(gradientSource, "softmaxGradient");

/**
 * Softmax of every row.
 *
 * @param x `[rows, C]`
 * @returns `[rows, C]`
 * @throws {ShapeError} if x is not of rank 2
 */
export function softmax(x: Tensor): Tensor {
  expectShape("take a softmax", "x", x, ["rows", "C"]);
  const [rows, columns] = x.shape;
  const y = emptyLike(x);
  softmaxKernel.dispatch({ sizes: { rows, columns }, x, y }, { threads: rows });
  return differentiable(y, [x], (gradY) => {
    const gradX = emptyLike(x);
    gradientKernel.dispatch({ sizes: { rows, columns }, y, gradY, gradX }, { threads: rows });
    return [gradX];
  });
}
