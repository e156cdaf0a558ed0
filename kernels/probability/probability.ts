import { ShapeError } from "../../src/errors.ts";
import { kernel } from "../../src/gpu/mod.ts";
import { differentiable, empty, emptyLike, type Tensor } from "../../src/tensor/mod.ts";
import gradientSource from "./gradient.wgsl" with { type: "text" };
import source from "./probability.wgsl" with { type: "text" };

const probabilityKernel = kernel(source, "probability");
const gradientKernel = kernel(gradientSource, "probabilityGradient");

/**
 * A logistic function with a threshold, `σ(scale·x + τ/2)` (docs/reference/network.md, 2.6).
 *
 * @param x any shape
 * @param threshold τ, one number
 * @returns the shape of x
 * @throws {ShapeError} if the threshold is more than one number
 */
export function probability(x: Tensor, threshold: Tensor, scale: number): Tensor {
  if (threshold.size !== 1) {
    throw new ShapeError(`Cannot compare with a threshold: expected one number, found [${threshold.shape.join(", ")}]`);
  }
  const sizes = { count: x.size, scale };
  const y = emptyLike(x);
  probabilityKernel.dispatch({ sizes, x, threshold, y }, { threads: x.size });
  return differentiable(y, [x, threshold], (gradY) => {
    const gradX = emptyLike(x), gradThreshold = empty(threshold.shape);
    gradientKernel.dispatch({ sizes, y, gradY, gradX, gradThreshold }, { workgroups: [1] });
    return [gradX, gradThreshold];
  });
}
