import { ShapeError } from "../../src/errors.ts";
import { type BufferView, kernel, kernelSet, releaseTexture, textureOf } from "../../src/gpu/mod.ts";
import { differentiable, empty, type Tensor } from "../../src/tensor/mod.ts";
import { add } from "../elementwise/elementwise.ts";
import { sum } from "../sum/sum.ts";
import gpuSource from "./convolution.wgsl" with { type: "text" };
import llvmpipeSource from "./convolution_llvmpipe.wgsl" with { type: "text" };
import packSource from "./pack_weights.wgsl" with { type: "text" };
import gpuGradientSource from "./weight_gradient.wgsl" with { type: "text" };
import llvmpipeGradientSource from "./weight_gradient_llvmpipe.wgsl" with { type: "text" };

const packKernel = kernel(packSource, "packWeights");
const gpuKernel = kernel(gpuSource, "convolution");
const llvmpipeKernel = kernel(llvmpipeSource, "convolution");
const gpuGradientKernel = kernel(gpuGradientSource, "weightGradient");
const llvmpipeGradientKernel = kernel(llvmpipeGradientSource, "weightGradient");

/** Rows of packed weights that lie together. */
const TILE = 16;

/** What a convolution may differ in. */
export interface ConvolutionOptions {
  /** Step between results, 1 unless given. */
  stride?: number;
  /** Zeros around the image, 0 unless given. */
  padding?: number;
  /** Step between taps, 1 unless given. */
  dilation?: number;
  /** Added to every output channel, `[out]`. */
  bias?: Tensor;
}

/** Sizes of one convolution, from which all three passes take theirs. */
interface Geometry {
  images: number;
  height: number;
  width: number;
  /** Channels of the stored image: those of the weights, rounded up to whole vec4s. */
  channels: number;
  outHeight: number;
  outWidth: number;
  out: number;
  /** Input channels of the weights. */
  in: number;
  kernelWidth: number;
  taps: number;
  stride: number;
  padding: number;
  dilation: number;
}

/**
 * Convolution (cross-correlation), with PyTorch's weights.
 *
 * @param x `[N, H, W, C]`, C being the weights' input channels rounded up to a multiple of 4, with zeros in the rest
 * @param weight `[out, in, kernel height, kernel width]`, `out` a multiple of 4
 * @returns `[N, H', W', out]`
 * @throws {ShapeError} if the channels do not fit
 */
export function convolution(x: Tensor, weight: Tensor, options: ConvolutionOptions = {}): Tensor {
  const geometry = measure(x, weight, options);
  const { images, outHeight, outWidth, out } = geometry;
  const y = empty([images, outHeight, outWidth, out]);
  forward(x, weight, y, geometry);
  const result = differentiable(y, [x, weight], (gradY) => [
    x.tracked ? dataGradient(gradY, weight, geometry) : undefined,
    weight.tracked ? weightGradient(x, gradY, geometry).view(weight.shape) : undefined,
  ]);
  return options.bias ? add(result, options.bias) : result;
}

function measure(x: Tensor, weight: Tensor, { stride = 1, padding = 0, dilation = 1 }: ConvolutionOptions): Geometry {
  const [images, height, width, channels] = x.shape;
  const [out, input, kernelHeight, kernelWidth] = weight.shape;
  const fits = x.shape.length === 4 && weight.shape.length === 4 && out % 4 === 0 &&
    channels === Math.ceil(input / 4) * 4;
  if (!fits) {
    throw new ShapeError(
      `Cannot convolve: expected x [N, H, W, in rounded up to a multiple of 4] and weight [out, in, height, width] with ` +
        `out a multiple of 4, found [${x.shape.join(", ")}] and [${weight.shape.join(", ")}]`,
    );
  }
  const extent = (size: number, taps: number) =>
    Math.floor((size + 2 * padding - dilation * (taps - 1) - 1) / stride) + 1;
  return {
    images,
    height,
    width,
    channels,
    outHeight: extent(height, kernelHeight),
    outWidth: extent(width, kernelWidth),
    out,
    in: input,
    kernelWidth,
    taps: kernelHeight * kernelWidth,
    stride,
    padding,
    dilation,
  };
}

function forward(x: Tensor, weight: Tensor, y: Tensor, g: Geometry): void {
  const packed = pack(weight, {
    rows: g.out,
    inner: g.channels,
    real: g.in,
    taps: g.taps,
    byRow: g.in * g.taps,
    byInner: g.taps,
  });
  run(x, packed, y, {
    pixels: g.images * g.outHeight * g.outWidth,
    width: g.outWidth,
    height: g.outHeight,
    sourceWidth: g.width,
    sourceHeight: g.height,
    groups: g.channels / 4,
    channels: g.out,
    kernelWidth: g.kernelWidth,
    taps: g.taps,
    multiplier: g.stride,
    offset: -g.padding,
    step: g.dilation,
    divisor: 1,
  });
  packed.release();
}

/** The gradient of x: a convolution of gradY with in and out exchanged, whose taps fall between pixels where stride > 1. */
function dataGradient(gradY: Tensor, weight: Tensor, g: Geometry): Tensor {
  const gradX = empty([g.images, g.height, g.width, g.channels]);
  const packed = pack(weight, {
    rows: g.in,
    inner: g.out,
    real: g.out,
    taps: g.taps,
    byRow: g.taps,
    byInner: g.in * g.taps,
  });
  run(gradY, packed, gradX, {
    pixels: g.images * g.height * g.width,
    width: g.width,
    height: g.height,
    sourceWidth: g.outWidth,
    sourceHeight: g.outHeight,
    groups: g.out / 4,
    channels: g.channels,
    kernelWidth: g.kernelWidth,
    taps: g.taps,
    multiplier: 1,
    offset: g.padding,
    step: -g.dilation,
    divisor: g.stride,
  });
  packed.release();
  return gradX;
}

interface Packing {
  rows: number;
  inner: number;
  real: number;
  taps: number;
  byRow: number;
  byInner: number;
}

function pack(weight: Tensor, { rows, inner, real, taps, byRow, byInner }: Packing): Tensor {
  const tiles = Math.ceil(rows / TILE), groups = inner / 4;
  const packed = empty([tiles, taps, groups, TILE, 4]);
  const sizes = { rows, inner: real, taps, groups, tiles, rowStride: byRow, innerStride: byInner };
  packKernel.dispatch({ sizes, weight, packed }, { threads: packed.size / 4 });
  return packed;
}

function run(x: Tensor, packed: Tensor, y: Tensor, sizes: Record<string, number>): void {
  if (kernelSet() === "llvmpipe") {
    withTextures([x, packed], ([image, weights]) =>
      llvmpipeKernel.dispatch({ sizes, x: image, weights, y }, {
        workgroups: [Math.ceil(sizes.pixels / 64), Math.ceil(sizes.channels / TILE)],
      }));
  } else {
    const workgroups = [Math.ceil(sizes.pixels / 64), Math.ceil(sizes.channels / 64)] as const;
    gpuKernel.dispatch({ sizes, x, weights: packed, y }, { workgroups });
  }
}

function withTextures(views: BufferView[], body: (textures: ReturnType<typeof textureOf>[]) => void): void {
  const textures = views.map(textureOf);
  body(textures);
  textures.forEach(releaseTexture);
}

/** `[out, in · taps]` */
function weightGradient(x: Tensor, gradY: Tensor, g: Geometry): Tensor {
  const onLlvmpipe = kernelSet() === "llvmpipe";
  const pixels = g.images * g.outHeight * g.outWidth;
  const side = onLlvmpipe ? 8 : 64;
  const tiles = Math.ceil(g.out / side) * Math.ceil(g.channels / side);
  // Chunks by shape alone, so that the order of additions never changes: enough threads, no chunk under 64 pixels.
  const wanted = Math.ceil((onLlvmpipe ? 256 : 128) / (tiles * g.taps));
  const length = Math.max(64, Math.ceil(pixels / wanted));
  const chunks = Math.ceil(pixels / length);
  const partial = empty([chunks, g.out * g.in * g.taps]);
  const sizes = {
    pixels,
    width: g.outWidth,
    height: g.outHeight,
    sourceWidth: g.width,
    sourceHeight: g.height,
    outGroups: g.out / 4,
    inGroups: g.channels / 4,
    outChannels: g.out,
    inChannels: g.in,
    kernelWidth: g.kernelWidth,
    taps: g.taps,
    stride: g.stride,
    padding: g.padding,
    dilation: g.dilation,
    length,
    chunks,
  };
  if (onLlvmpipe) {
    withTextures(
      [x, gradY],
      ([image, gradient]) =>
        llvmpipeGradientKernel.dispatch({ sizes, x: image, gradY: gradient, gradW: partial }, {
          threads: tiles * g.taps * chunks,
        }),
    );
  } else {
    gpuGradientKernel.dispatch({ sizes, x, gradY, gradW: partial }, {
      workgroups: [Math.ceil(g.channels / 64), Math.ceil(g.out / 64), g.taps * chunks],
    });
  }
  if (chunks === 1) return partial;
  const total = sum(partial, "rows");
  partial.release();
  return total;
}
