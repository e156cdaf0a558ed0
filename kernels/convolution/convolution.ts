import { ShapeError } from "../../src/errors.ts";
import { type FlatTexture, kernel, kernelSet, releaseTexture, textureOf } from "../../src/gpu/mod.ts";
import { differentiable, empty, expectShape, type Shape, type Tensor } from "../../src/tensor/mod.ts";
import { sum } from "../sum/sum.ts";
import gpuSource from "./convolution.wgsl" with { type: "text" };
import llvmpipeSource from "./convolution_llvmpipe.wgsl" with { type: "text" };
import gpuPackSource from "./pack_weights.wgsl" with { type: "text" };
import llvmpipePackSource from "./pack_weights_llvmpipe.wgsl" with { type: "text" };
import unpackSource from "./unpack_gradient.wgsl" with { type: "text" };
import gpuGradientSource from "./weight_gradient.wgsl" with { type: "text" };
import llvmpipeGradientSource from "./weight_gradient_llvmpipe.wgsl" with { type: "text" };

const gpuPackKernel = kernel(gpuPackSource, "packWeights");
const llvmpipePackKernel = kernel(llvmpipePackSource, "packWeights");
const unpackKernel = kernel(unpackSource, "unpackGradient");
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
 * @throws {ShapeError} if the channels or the bias do not fit
 */
export function convolution(x: Tensor, weight: Tensor, options: ConvolutionOptions = {}): Tensor {
  const geometry = measure(x, weight, options);
  const { bias } = options;
  if (bias) expectShape("convolve", "bias", bias, [geometry.out]);
  const y = forward(x, weight, bias, geometry);
  return differentiable(y, bias ? [x, weight, bias] : [x, weight], (gradY) => {
    const gradBias = bias?.tracked ? biasGradient(gradY, geometry.out) : undefined;
    return [...gradients(x, weight, gradY, geometry), gradBias];
  });
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

function forward(x: Tensor, weight: Tensor, bias: Tensor | undefined, g: Geometry): Tensor {
  const y = empty([g.images, g.outHeight, g.outWidth, g.out]);
  // A single tap's weights are vec4s along in already: their kernel reads them where they are.
  const plain = g.taps === 1 && g.in === g.channels;
  const packed = plain ? undefined : pack(weight, {
    rows: g.out,
    inner: g.channels,
    real: g.in,
    taps: g.taps,
    byRow: g.in * g.taps,
    byInner: g.taps,
  });
  const groups = g.channels / 4;
  withTextures(
    [x, packed ?? weight, bias],
    ([image, weights, shift]) =>
      convolve({ buffers: [x, packed ?? weight, bias], textures: [image, weights, shift] }, y, {
        images: g.images,
        width: g.outWidth,
        height: g.outHeight,
        phases: 1,
        sourceWidth: g.width,
        sourceHeight: g.height,
        groups,
        channels: g.out,
        kernelWidth: g.kernelWidth,
        taps: g.taps,
        multiplier: g.stride,
        offset: -g.padding,
        step: g.dilation,
        ...(plain
          ? { tileStride: TILE * groups, tapStride: 0, groupStride: 1, rowStride: groups }
          : packedStrides(g.taps, groups)),
      }),
  );
  packed?.release();
  return y;
}

/** Gradients of x and of the weights, of those that are tracked. */
function gradients(x: Tensor, weight: Tensor, gradY: Tensor, g: Geometry): [Tensor | undefined, Tensor | undefined] {
  const packed = x.tracked
    ? pack(weight, {
      rows: g.in,
      inner: g.out,
      real: g.out,
      taps: g.taps,
      byRow: g.taps,
      byInner: g.in * g.taps,
    })
    : undefined;
  let gradX: Tensor | undefined, gradW: Tensor | undefined;
  // All copies come before all dispatches: a copy ends the compute pass.
  withTextures([gradY, packed, weight.tracked ? x : undefined], ([gradient, weights, image]) => {
    if (packed) gradX = dataGradient({ buffers: [gradY, packed], textures: [gradient, weights] }, g);
    if (weight.tracked) gradW = weightGradient({ buffers: [x, gradY], textures: [image, gradient] }, weight.shape, g);
  });
  packed?.release();
  return [gradX, gradW];
}

/** Operands of a kernel, a bias last: the GPU kernels read the buffers, llvmpipe's the textures. */
interface Operands {
  buffers: [Tensor, Tensor, Tensor?];
  textures: [FlatTexture | undefined, FlatTexture | undefined, (FlatTexture | undefined)?];
}

/** A convolution of gradY with in and out exchanged, whose taps fall between pixels where stride > 1. */
function dataGradient(operands: Operands, g: Geometry): Tensor {
  const gradX = empty([g.images, g.height, g.width, g.channels]);
  convolve(operands, gradX, {
    images: g.images,
    width: g.width,
    height: g.height,
    phases: g.stride,
    sourceWidth: g.outWidth,
    sourceHeight: g.outHeight,
    groups: g.out / 4,
    channels: g.channels,
    kernelWidth: g.kernelWidth,
    taps: g.taps,
    multiplier: 1,
    offset: g.padding,
    step: -g.dilation,
    ...packedStrides(g.taps, g.out / 4),
  });
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
  const sizes = { rows, inner: real, taps, groups, rowStride: byRow, innerStride: byInner };
  const workgroups = [Math.ceil(groups * TILE / 64), taps, tiles] as const;
  withTextures([weight], ([texture]) => {
    if (texture) llvmpipePackKernel.dispatch({ sizes, weight: texture, packed }, { workgroups });
    else gpuPackKernel.dispatch({ sizes, weight, packed }, { workgroups });
  });
  return packed;
}

/** Distances of neighbours in packed weights, in vec4s. */
function packedStrides(taps: number, groups: number): Strides {
  return { tileStride: taps * groups * TILE, tapStride: groups * TILE, groupStride: TILE, rowStride: 1 };
}

interface Strides {
  tileStride: number;
  tapStride: number;
  groupStride: number;
  rowStride: number;
}

interface Places extends Strides {
  images: number;
  width: number;
  height: number;
  phases: number;
  sourceWidth: number;
  sourceHeight: number;
  groups: number;
  channels: number;
  kernelWidth: number;
  taps: number;
  multiplier: number;
  offset: number;
  step: number;
}

function convolve({ buffers, textures }: Operands, y: Tensor, { images, ...places }: Places): void {
  const { width, height, phases, channels } = places;
  const phaseWidth = Math.ceil(width / phases), phaseHeight = Math.ceil(height / phases);
  const pixels = images * phaseHeight * phaseWidth;
  const biased = buffers[2] ? 1 : 0;
  const sizes = { ...places, phaseWidth, phaseHeight, pixels, biased };
  const blocks = Math.ceil(pixels / 64), remainders = phases ** 2;
  const [image, filters, shift = filters] = textures;
  if (image && filters && shift) {
    const workgroups = [remainders, Math.ceil(channels / TILE), blocks] as const;
    llvmpipeKernel.dispatch({ sizes, x: image, weights: filters, bias: shift, y }, { workgroups });
  } else {
    const [x, weights, bias = weights] = buffers;
    gpuKernel.dispatch({ sizes, x, weights, bias, y }, { workgroups: [blocks, Math.ceil(channels / 64), remainders] });
  }
}

/** Runs `body` with textures of the tensors, or, for the GPU's kernels, without any. */
function withTextures(
  tensors: (Tensor | undefined)[],
  body: (textures: (FlatTexture | undefined)[]) => void,
): void {
  const textures = tensors.map((x) => x && kernelSet() === "llvmpipe" ? textureOf(x) : undefined);
  body(textures);
  for (const texture of textures) if (texture) releaseTexture(texture);
}

/** Output channels × input channels of a thread or workgroup, and the number of those that keeps the adapter busy. */
const GRADIENT_TILES = {
  llvmpipe: { out: 16, in: 8, wanted: 128 },
  gpu: { out: 64, in: 64, wanted: 128 },
} as const;

function weightGradient({ buffers, textures }: Operands, shape: Shape, g: Geometry): Tensor {
  const tile = GRADIENT_TILES[kernelSet()];
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
  if (textures[0] && textures[1]) {
    const [x, gradY] = textures;
    const threads = outTiles * inTiles * g.taps * chunks;
    llvmpipeGradientKernel.dispatch({ sizes, x, gradY, partials }, { threads });
  } else {
    const [x, gradY] = buffers;
    gpuGradientKernel.dispatch({ sizes, x, gradY, partials }, { workgroups: [inTiles, outTiles, g.taps * chunks] });
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

function biasGradient(gradY: Tensor, out: number): Tensor {
  const rows = gradY.view([gradY.size / out, out]);
  const gradBias = sum(rows, "rows");
  rows.release();
  return gradBias;
}
