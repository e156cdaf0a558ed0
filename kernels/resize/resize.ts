import { kernel, Wgsl } from "../../src/gpu/mod.ts";
import { differentiable, empty, expectShape, reshape, type Tensor } from "../../src/tensor/mod.ts";
import source from "./resize.wgsl" with { type: "text" };
import transposedSource from "./transposed.wgsl" with { type: "text" };

const resizeKernel = kernel(source, "resize");
const resizeFourKernel = kernel(new Wgsl(source).withAlias("Element", "vec4f"), "resize");
const transposedKernel = kernel(transposedSource, "resizeTransposed");
const transposedFourKernel = kernel(new Wgsl(transposedSource).withAlias("Element", "vec4f"), "resizeTransposed");

/** Height and width. */
export type MapSize = readonly [height: number, width: number];

/**
 * Bilinear resampling without antialiasing (docs/reference/network.md, 2.1).
 *
 * @param x `[N, H, W, C]`
 * @param options.alignCorners corner-aligned, else half-pixel positions
 * @returns `[N, H', W', C]`
 * @throws {ShapeError} if x is not of rank 4
 */
export function resize(x: Tensor, size: MapSize, { alignCorners }: { alignCorners: boolean }): Tensor {
  expectShape("resize", "x", x, ["N", "H", "W", "C"]);
  const [, height, width] = x.shape;
  if (height === size[0] && width === size[1]) return reshape(x, x.shape);
  const y = run(x, size, alignCorners);
  return differentiable(y, [x], (gradY) => [runTransposed(gradY, [height, width], alignCorners)]);
}

/**
 * The transpose of the half-pixel {@link resize} from `size` to the size of m: applied to a mask, it lets features be pooled
 * without being enlarged.
 *
 * @param m `[N, H, W, C]`
 * @returns `[N, size, C]`
 * @throws {ShapeError} if m is not of rank 4
 */
export function resizeTransposed(m: Tensor, size: MapSize): Tensor {
  expectShape("resize transposed", "m", m, ["N", "H", "W", "C"]);
  const [, height, width] = m.shape;
  if (height === size[0] && width === size[1]) return reshape(m, m.shape);
  return differentiable(runTransposed(m, size, false), [m], (gradY) => [run(gradY, [height, width], false)]);
}

function run(x: Tensor, [outHeight, outWidth]: MapSize, alignCorners: boolean): Tensor {
  const [images, height, width, channels] = x.shape;
  const y = empty([images, outHeight, outWidth, channels]);
  const four = channels % 4 === 0;
  const sizes = { images, height, width, channels: four ? channels / 4 : channels, outHeight, outWidth };
  const work = { threads: four ? y.size / 4 : y.size, constants: { corners: Number(alignCorners) } };
  (four ? resizeFourKernel : resizeKernel).dispatch({ sizes, x, y }, work);
  return y;
}

/** Along the width first, then along the height: each visits a few results, not their product. */
function runTransposed(y: Tensor, [height, width]: MapSize, alignCorners: boolean): Tensor {
  const [images, outHeight, outWidth, channels] = y.shape;
  const lines = empty([images, outHeight, width, channels]);
  along(y, lines, { outer: images * outHeight, source: width, results: outWidth, inner: channels }, alignCorners);
  const x = empty([images, height, width, channels]);
  along(lines, x, { outer: images, source: height, results: outHeight, inner: width * channels }, alignCorners);
  lines.release();
  return x;
}

interface AxisSizes {
  outer: number;
  source: number;
  results: number;
  inner: number;
}

function along(y: Tensor, x: Tensor, axis: AxisSizes, alignCorners: boolean): void {
  const four = axis.inner % 4 === 0;
  const sizes = { ...axis, inner: four ? axis.inner / 4 : axis.inner };
  const work = { threads: four ? x.size / 4 : x.size, constants: { corners: Number(alignCorners) } };
  (four ? transposedFourKernel : transposedKernel).dispatch({ sizes, x, y }, work);
}
