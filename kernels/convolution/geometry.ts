import { ShapeError } from "../../src/errors.ts";
import type { Tensor } from "../../src/tensor/mod.ts";

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
  /** Takes Winograd's algorithm where the shape is one for it: fewer multiplications, and another rounding. */
  winograd?: boolean;
}

/** Sizes of one convolution, from which all its passes take theirs. */
export interface Geometry {
  /** Number of images. */
  readonly images: number;
  /** Height of the input. */
  readonly height: number;
  /** Width of the input. */
  readonly width: number;
  /** Channels of the stored input: those of the weights, rounded up to whole vec4s. */
  readonly channels: number;
  /** Height of the result. */
  readonly outHeight: number;
  /** Width of the result. */
  readonly outWidth: number;
  /** Output channels, a multiple of 4. */
  readonly out: number;
  /** Input channels of the weights. */
  readonly in: number;
  /** Taps in a row of the kernel. */
  readonly kernelWidth: number;
  /** Taps of the kernel. */
  readonly taps: number;
  /** Step between results. */
  readonly stride: number;
  /** Zeros around the image. */
  readonly padding: number;
  /** Step between taps. */
  readonly dilation: number;
}

/** Whether a convolution is the product of its pixels, rows of channels, with its weights, `x · Wᵀ`. */
export function isProduct({ taps, stride, padding, channels, in: input }: Geometry): boolean {
  return taps === 1 && stride === 1 && padding === 0 && channels === input;
}

/**
 * The sizes of a convolution.
 *
 * @param x `[N, H, W, C]`
 * @param weight `[out, in, kernel height, kernel width]`
 * @throws {ShapeError} if the channels do not fit
 */
export function geometryOf(
  x: Tensor,
  weight: Tensor,
  { stride = 1, padding = 0, dilation = 1 }: ConvolutionOptions,
): Geometry {
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
    ...{ images, height, width, channels, out, stride, padding, dilation, kernelWidth },
    outHeight: extent(height, kernelHeight),
    outWidth: extent(width, kernelWidth),
    in: input,
    taps: kernelHeight * kernelWidth,
  };
}
