import { kernel } from "../../src/gpu/mod.ts";
import { differentiable, empty, expectShape, type Tensor } from "../../src/tensor/mod.ts";
import gradientSource from "./gradient.wgsl" with { type: "text" };
import source from "./max_pool.wgsl" with { type: "text" };

const maxPoolKernel = kernel(source, "maxPool");
const gradientKernel = kernel(gradientSource, "maxPoolGradient");

/** Window of a pooling. */
export interface MaxPoolOptions {
  /** Side of the window. */
  window: number;
  /** Step between windows. */
  stride: number;
  /** Rows and columns around the image that hold −∞; at most half of the window. */
  padding: number;
}

/**
 * Maximum of every window; the gradient goes to its first maximum in row-major order.
 *
 * @param x `[N, H, W, C]`
 * @returns `[N, H', W', C]`
 * @throws {ShapeError} if x is not of rank 4
 */
export function maxPool(x: Tensor, { window, stride, padding }: MaxPoolOptions): Tensor {
  expectShape("pool", "x", x, ["N", "H", "W", "C"]);
  const [images, height, width, channels] = x.shape;
  const extent = (size: number) => Math.floor((size + 2 * padding - window) / stride) + 1;
  const outHeight = extent(height), outWidth = extent(width);
  const sizes = { images, height, width, channels, outHeight, outWidth, window, stride, padding };
  const shape = [images, outHeight, outWidth, channels];
  const y = empty(shape), position = empty(shape, "u32");
  maxPoolKernel.dispatch({ sizes, x, y, position }, { threads: y.size });
  return differentiable(y, [x], (gradY) => {
    const gradX = empty(x.shape);
    gradientKernel.dispatch({ sizes, position, gradY, gradX }, { threads: gradX.size });
    return [gradX];
  }, [position]);
}
