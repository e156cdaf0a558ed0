import { kernel, kernelSet } from "../../src/gpu/mod.ts";
import { empty, type Shape, type Tensor } from "../../src/tensor/mod.ts";
import type { Geometry } from "./geometry.ts";
import unpackSource from "./unpack_gradient.wgsl" with { type: "text" };
import gpuSource from "./weight_gradient.wgsl" with { type: "text" };
import llvmpipeSource from "./weight_gradient_llvmpipe.wgsl" with { type: "text" };

const gpuKernel = kernel(gpuSource, "weightGradient", { textures: [] });
const llvmpipeKernel = kernel(llvmpipeSource, "weightGradient", { textures: ["x", "gradY"] });
const unpackKernel = kernel(unpackSource, "unpackGradient");

/** Output channels × input channels of a thread or workgroup, and the number of those that keeps the adapter busy. */
const TILES = {
  llvmpipe: { out: 16, in: 8, wanted: 128 },
  gpu: { out: 64, in: 64, wanted: 128 },
} as const;

/**
 * The gradient of the weights: `Σ gradY[p, o] · x[source(p, tap), c]` over all pixels.
 *
 * @param x `[N, H, W, C]`
 * @param gradY `[N, H', W', out]`
 * @param shape of the weights
 */
export function weightGradient(x: Tensor, gradY: Tensor, shape: Shape, g: Geometry): Tensor {
  const tile = TILES[kernelSet()];
  const pixels = g.images * g.outHeight * g.outWidth;
  const outTiles = Math.ceil(g.out / tile.out), inTiles = Math.ceil(g.channels / tile.in);
  // Chunks by shape alone, so that the order of additions never changes: enough of them, none under 64 pixels.
  const wanted = Math.ceil(tile.wanted / (outTiles * inTiles * g.taps));
  const length = Math.max(64, 4 * Math.ceil(pixels / wanted / 4));
  const chunks = Math.ceil(pixels / length);
  const final = chunks === 1 && g.taps === 1 && g.in === g.channels;
  const partials = empty(final ? shape : [chunks, g.taps, g.out, g.channels]);
  const sizes = {
    pixels,
    width: g.outWidth,
    height: g.outHeight,
    sourceWidth: g.width,
    sourceHeight: g.height,
    outGroups: g.out / 4,
    inGroups: g.channels / 4,
    kernelWidth: g.kernelWidth,
    taps: g.taps,
    stride: g.stride,
    padding: g.padding,
    dilation: g.dilation,
    length,
    chunks,
  };
  if (kernelSet() === "llvmpipe") {
    llvmpipeKernel.dispatch({ sizes, x, gradY, partials }, { threads: outTiles * inTiles * g.taps * chunks });
  } else {
    gpuKernel.dispatch({ sizes, x, gradY, partials }, { workgroups: [inTiles, outTiles, g.taps * chunks] });
  }
  if (final) return partials;
  const gradW = empty(shape);
  unpackKernel.dispatch({
    sizes: { chunks, taps: g.taps, outChannels: g.out, inChannels: g.in, inGroups: g.channels / 4 },
    partials,
    gradW,
  }, { workgroups: [Math.ceil(g.out * g.channels / 4 / 64), g.taps] });
  partials.release();
  return gradW;
}
