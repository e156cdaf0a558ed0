import { kernel } from "../../src/gpu/mod.ts";
import { differentiable, empty, emptyLike, expectShape, type Tensor } from "../../src/tensor/mod.ts";
import source from "./suppress.wgsl" with { type: "text" };

const suppressKernel = kernel(source, "suppress");

/**
 * Lowers the affinities below `kc = (min a + mean a)/2` by 10000, so that a softmax leaves nothing of them
 * (docs/reference/network.md, 2.9, step 1). The gradient passes as if nothing had been added; none flows through kc.
 *
 * @param a affinities, `[K]`
 * @param options `floored`: as published kc is rounded down to an integer
 * @returns the lowered affinities `[K]`, and kc `[1]`
 * @throws {ShapeError} if a is not a vector
 */
export function suppress(a: Tensor, { floored }: { floored: boolean }): { suppressed: Tensor; threshold: Tensor } {
  expectShape("suppress affinities", "a", a, ["K"]);
  const y = emptyLike(a), limit = empty([1]);
  suppressKernel.dispatch({ sizes: { count: a.size, floored: Number(floored) }, a, y, limit }, { workgroups: [1] });
  return { suppressed: differentiable(y, [a], (gradY) => [gradY]), threshold: limit };
}
