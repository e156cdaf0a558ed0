import { kernel, kernelSet, subgroups, type Work } from "../../src/gpu/mod.ts";
import { empty, placeForGradient, type Tensor } from "../../src/tensor/mod.ts";
import { gpuTiledWorks } from "../matmul/gpu_tiles.ts";
import { WORTH_MEASURING } from "../matmul/tiles.ts";
import { hasFastProducts, multiply } from "../matmul/product.ts";
import { type Geometry, isProduct } from "./geometry.ts";
import unpackSource from "./unpack_gradient.wgsl" with { type: "text" };
import gpuSource from "./weight_gradient.wgsl" with { type: "text" };
import llvmpipeSource from "./weight_gradient_llvmpipe.wgsl" with { type: "text" };
import subgroupsSource from "./weight_gradient_subgroups.wgsl" with { type: "text" };

const gpuKernel = kernel(gpuSource, "weightGradient", { textures: [] });
const subgroupsKernel = kernel(subgroupsSource, "weightGradient", { textures: ["x", "gradY"] });
const llvmpipeKernel = kernel(llvmpipeSource, "weightGradient", { textures: ["x", "gradY"] });
const unpackKernel = kernel(unpackSource, "unpackGradient");

/** Output channels of a workgroup, vec4s of taps and input channels of a lane, pixels taken together. */
type Tile = readonly [out: number, inputs: number, together: number];

/** What was the fastest on some version of Mesa for much work. */
export const LARGE: readonly Tile[] = [[32, 2, 2], [32, 1, 4]];

/** For little work, and with few output channels. */
const SMALL: Tile = [32, 1, 4], NARROW: Tile = [16, 1, 4];

/** Output channels × input channels of a thread or workgroup, and the number of those that keeps the adapter busy. */
const TILES = {
  llvmpipe: { out: 16, in: 8, wanted: 128 },
  gpu: { out: 64, in: 64, wanted: 512 },
} as const;

/**
 * The gradient of the weights: `Σ gradY[p, o] · x[source(p, tap), c]` over all pixels.
 *
 * @param x `[N, H, W, C]`
 * @param gradY `[N, H', W', out]`
 */
export function weightGradient(x: Tensor, gradY: Tensor, weight: Tensor, g: Geometry): Tensor {
  const tile = TILES[kernelSet()];
  const pixels = g.images * g.outHeight * g.outWidth;
  const outTiles = Math.ceil(g.out / tile.out), inTiles = Math.ceil(g.channels / tile.in);
  // Chunks by shape alone, so that the order of additions never changes: enough of them, none under 64 pixels.
  const wanted = Math.ceil(tile.wanted / (outTiles * inTiles * g.taps));
  const length = Math.max(64, 4 * Math.ceil(pixels / wanted / 4));
  const chunks = Math.ceil(pixels / length);
  const isPlain = chunks === 1 && g.taps === 1 && g.in === g.channels;
  const { place: gradW, onto } = placeForGradient(weight);
  const isDone = isPlain && !onto;
  const partials = isDone ? gradW : empty([chunks, g.taps, g.out, g.channels]);
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
  if (isProduct(g) && hasFastProducts()) {
    const product = { batch: 1, m: g.out, n: g.in, k: pixels, transposeA: true, transposeB: false, length };
    multiply({ a: gradY, b: x, y: partials }, product);
  } else if (kernelSet() === "llvmpipe" && subgroups() !== undefined) {
    const cut = ([OUT, IN, TOGETHER]: Tile): Work => ({
      workgroups: [Math.ceil(g.taps * g.channels / (32 * IN)), Math.ceil(g.out / OUT), chunks],
      constants: { OUT, IN, TOGETHER },
    });
    const large = pixels * g.out * g.taps * g.channels >= WORTH_MEASURING;
    subgroupsKernel.dispatch({ sizes, x, gradY, partials }, large ? LARGE.map(cut) : cut(g.out < 32 ? NARROW : SMALL));
  } else if (kernelSet() === "llvmpipe") {
    llvmpipeKernel.dispatch({ sizes, x, gradY, partials }, { threads: outTiles * inTiles * g.taps * chunks });
  } else {
    const [rows, columns] = [g.out, g.taps * g.channels];
    gpuKernel.dispatch(
      { sizes, x, gradY, partials },
      gpuTiledWorks({ rows, columns, batch: chunks, depth: pixels / chunks }, ([ROWS, COLUMNS]) => ({
        workgroups: [Math.ceil(columns / COLUMNS), Math.ceil(rows / ROWS), chunks],
      })),
    );
  }
  if (isDone) return gradW;
  unpackKernel.dispatch({
    sizes: { chunks, taps: g.taps, outChannels: g.out, inChannels: g.in, inGroups: g.channels / 4 },
    partials,
    gradW,
  }, { workgroups: [Math.ceil(g.out * g.channels / 4 / 64), g.taps], constants: { onto: Number(onto) } });
  partials.release();
  return gradW;
}
