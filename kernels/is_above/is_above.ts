import { kernel } from "../../src/gpu/mod.ts";
import { emptyLike, type Tensor } from "../../src/tensor/mod.ts";
import source from "./is_above.wgsl" with { type: "text" };

const isAboveKernel = kernel(source, "isAbove");

/**
 * Marks the elements above a limit: 1 where `x > limit`, else 0. A step has no gradient, so none flows through it.
 *
 * @param x any shape
 * @returns the shape of `x`
 */
export function isAbove(x: Tensor, limit: number): Tensor {
  const y = emptyLike(x);
  isAboveKernel.dispatch({ options: { limit }, x, y }, { threads: Math.ceil(x.size / 4) });
  return y;
}
