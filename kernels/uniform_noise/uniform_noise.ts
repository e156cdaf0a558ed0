import { kernel } from "../../src/gpu/mod.ts";
import { empty, fromArray, type Shape, type Tensor } from "../../src/tensor/mod.ts";
import source from "./uniform_noise.wgsl" with { type: "text" };

const noiseKernel = kernel(source, "uniformNoise");

/**
 * Independent numbers, uniform in [−1, 1), that follow from two key words alone. No gradient.
 *
 * @param keys two 32-bit words
 */
export function uniformNoise(shape: Shape, keys: readonly [number, number]): Tensor {
  const y = empty(shape), words = fromArray(Uint32Array.from(keys), [2]);
  noiseKernel.dispatch({ options: { count: y.size }, keys: words, y }, { threads: y.size });
  words.release();
  return y;
}
