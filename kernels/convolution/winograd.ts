import { kernel } from "../../src/gpu/mod.ts";
import { empty, roomForGradient, type Shape, type Tensor } from "../../src/tensor/mod.ts";
import { multiply } from "../matmul/product.ts";
import type { Geometry } from "./geometry.ts";
import gradientSource from "./winograd_gradient.wgsl" with { type: "text" };
import imageSource from "./winograd_image.wgsl" with { type: "text" };
import resultSource from "./winograd_result.wgsl" with { type: "text" };
import weightGradientSource from "./winograd_weight_gradient.wgsl" with { type: "text" };
import weightsSource from "./winograd_weights.wgsl" with { type: "text" };

const imageKernel = kernel(imageSource, "winogradImage");
const weightsKernel = kernel(weightsSource, "winogradWeights");
const resultKernel = kernel(resultSource, "winogradResult");
const gradientKernel = kernel(gradientSource, "winogradGradient");
const weightGradientKernel = kernel(weightGradientSource, "winogradWeightGradient");

/** Places of a tile of 6 × 6, each of which is a product of its own. */
const PLACES = 36;

/** Results of a tile along an axis. */
const RESULTS = 4;

/** vec4s of channels that a workgroup takes. */
const GROUPS = 32;

/** Channels from which the products outweigh the transforms. */
const FEWEST_CHANNELS = 128;

/** Multiplications of the direct form for each one of Winograd's: 4 at best, less where tiles stand over the edges. */
const LEAST_SAVING = 3;

/** Bytes of the largest transformed image: the smallest limit of a binding that WebGPU promises. */
const MOST_BYTES = 2 ** 27;

/** How results along one axis are covered: the pixels of a phase lie `dilation` apart, and each phase has tiles of its own. */
interface Axis {
  /** Phases with the most tiles; they come first. */
  long: number;
  /** Tiles of each of these. */
  most: number;
  /** Tiles of each other phase. */
  least: number;
  /** All tiles. */
  count: number;
}

/** The tiles of an image. */
export interface Tiling {
  /** Along x. */
  readonly x: Axis;
  /** Along y. */
  readonly y: Axis;
  /** Of all images. */
  readonly tiles: number;
}

function axisOf(length: number, dilation: number): Axis {
  const long = length % dilation || dilation;
  const most = Math.ceil(Math.ceil(length / dilation) / RESULTS);
  const least = Math.ceil(Math.floor(length / dilation) / RESULTS);
  return { long, most, least, count: long * most + (dilation - long) * least };
}

/** How the results of a convolution are covered by tiles. */
export function tilingOf({ images, height, width, dilation }: Geometry): Tiling {
  const x = axisOf(width, dilation), y = axisOf(height, dilation);
  return { x, y, tiles: images * x.count * y.count };
}

/**
 * Whether Winograd's F(4×4, 3×3) computes a convolution and its gradients (A. Lavin and S. Gray, Fast algorithms for
 * convolutional neural networks, 2016): by its shape alone, since other bits come out.
 */
export function isForWinograd(g: Geometry): boolean {
  const same = g.taps === 9 && g.kernelWidth === 3 && g.stride === 1 && g.padding === g.dilation;
  if (!same || g.in !== g.channels || Math.min(g.in, g.out) < FEWEST_CHANNELS) return false;
  const { tiles } = tilingOf(g);
  const saving = g.images * g.height * g.width * g.taps / (tiles * PLACES);
  return saving >= LEAST_SAVING && PLACES * tiles * Math.max(g.in, g.out) * 4 <= MOST_BYTES;
}

/** `y = x * w`, `[N, H, W, out]`. */
export function winogradForward(x: Tensor, weight: Tensor, g: Geometry): Tensor {
  return convolve(x, weight, g, { from: g.in, to: g.out, turned: false });
}

/** The gradient of x, `[N, H, W, in]`: the same convolution of gradY, by kernels turned by half a circle. */
export function winogradDataGradient(gradY: Tensor, weight: Tensor, g: Geometry): Tensor {
  return convolve(gradY, weight, g, { from: g.out, to: g.in, turned: true });
}

/** The gradient of the weights. */
export function winogradWeightGradient(x: Tensor, gradY: Tensor, weight: Tensor, g: Geometry): Tensor {
  const { tiles } = tilingOf(g);
  using image = transformed(imageKernel, "image", x, g);
  using gradient = transformed(gradientKernel, "gradY", gradY, g);
  using products = temporary([PLACES, g.out, g.in]);
  const sizes = { batch: PLACES, m: g.out, n: g.in, k: tiles, length: tiles, transposeA: true, transposeB: false };
  multiply({ a: gradient.tensor, b: image.tensor, y: products.tensor }, sizes);
  const gradW = roomForGradient(weight), kernels = g.out * g.in / 4;
  weightGradientKernel.dispatch({ sizes: { kernels }, transformed: products.tensor, gradW }, { threads: kernels });
  return gradW;
}

function convolve(
  source: Tensor,
  weight: Tensor,
  g: Geometry,
  { from, to, turned }: { from: number; to: number; turned: boolean },
): Tensor {
  const { tiles } = tilingOf(g);
  using image = transformed(imageKernel, "image", source, g);
  using weights = temporary([PLACES, g.out, g.in]);
  const kernels = g.out * g.in / 4;
  weightsKernel.dispatch(
    { sizes: { kernels, turned: Number(turned) }, weight, transformed: weights.tensor },
    { threads: kernels },
  );
  using products = temporary([PLACES, tiles, to]);
  const sizes = { batch: PLACES, m: tiles, n: to, k: from, length: from, transposeA: false, transposeB: !turned };
  multiply({ a: image.tensor, b: weights.tensor, y: products.tensor }, sizes);
  const result = empty([g.images, g.height, g.width, to]);
  resultKernel.dispatch({ sizes: sizesOf(g, to), products: products.tensor, result }, workOf(tiles, to));
  return result;
}

/** The 36 places of every tile of an image, or of the gradient of a result, `[36, tiles, channels]`. */
function transformed(by: typeof imageKernel, name: "image" | "gradY", image: Tensor, g: Geometry): Temporary {
  const channels = image.shape[3], { tiles } = tilingOf(g);
  const result = temporary([PLACES, tiles, channels]);
  by.dispatch({ sizes: sizesOf(g, channels), [name]: image, transformed: result.tensor }, workOf(tiles, channels));
  return result;
}

/** A tensor whose memory is free for others as soon as its reader is encoded. */
interface Temporary extends Disposable {
  readonly tensor: Tensor;
}

function temporary(shape: Shape): Temporary {
  const tensor = empty(shape);
  return { tensor, [Symbol.dispose]: () => tensor.release() };
}

function sizesOf(g: Geometry, channels: number): Record<string, number> {
  const { x, y, tiles } = tilingOf(g);
  return {
    ...{ width: g.width, height: g.height, groups: channels / 4, dilation: g.dilation },
    ...{ columns: x.count, rows: y.count },
    ...{ longX: x.long, mostX: x.most, leastX: x.least },
    ...{ longY: y.long, mostY: y.most, leastY: y.least },
    tiles,
  };
}

function workOf(tiles: number, channels: number): { workgroups: [number, number] } {
  return { workgroups: [Math.ceil(channels / 4 / GROUPS), tiles] };
}
