import { kernel } from "../../src/gpu/mod.ts";
import { empty, emptyLike, fromArray, type Tensor } from "../../src/tensor/mod.ts";
import extentSource from "./extent.wgsl" with { type: "text" };
import source from "./gamma.wgsl" with { type: "text" };

const extentKernel = kernel(extentSource, "extentOf");
const gammaKernel = kernel(source, "gamma");

/**
 * Power curve between the lowest and the highest intensity (docs/reference/preprocessing.md, 11.1). No gradient.
 *
 * @param image any shape
 * @returns the same shape
 */
export function gamma(image: Tensor, exponent: number): Tensor {
  const extent = empty([2]), y = emptyLike(image), power = fromArray(Float32Array.of(exponent), [1]);
  const options = { count: image.size };
  extentKernel.dispatch({ options, x: image, extent }, { workgroups: [1] });
  gammaKernel.dispatch({ options, x: image, extent, exponent: power, y }, { threads: image.size });
  extent.release();
  power.release();
  return y;
}
