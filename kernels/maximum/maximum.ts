import { kernel } from "../../src/gpu/mod.ts";
import { differentiable, empty, expectShape, type Tensor, zeros } from "../../src/tensor/mod.ts";
import gradientSource from "./gradient.wgsl" with { type: "text" };
import source from "./maximum.wgsl" with { type: "text" };

const maximumKernel = kernel(source, "maximum");
const gradientKernel = kernel(gradientSource, "maximumGradient");

/**
 * Maximum over the middle dimension; the gradient goes to the first place that reaches it.
 *
 * @param x `[outer, middle, inner]`
 * @returns `[outer, inner]`
 * @throws {ShapeError} if x is not of rank 3
 */
export function maximumOverMiddle(x: Tensor): Tensor {
  expectShape("take a maximum", "x", x, ["outer", "middle", "inner"]);
  const [outer, middle, inner] = x.shape;
  const y = empty([outer, inner]), position = empty([outer, inner], "u32");
  maximumKernel.dispatch({ sizes: { outer, middle, inner }, x, y, position }, { threads: y.size });
  return differentiable(y, [x], (gradY) => {
    const gradX = zeros(x.shape);
    gradientKernel.dispatch({ sizes: { count: position.size }, position, gradY, gradX }, { threads: position.size });
    return [gradX];
  }, [position]);
}
