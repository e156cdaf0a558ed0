import { kernel } from "../../src/gpu/mod.ts";
import { emptyLike, expectShape, type Tensor } from "../../src/tensor/mod.ts";
import blurSource from "./blur.wgsl" with { type: "text" };
import source from "./elastic.wgsl" with { type: "text" };

const blurKernel = kernel(blurSource, "blur");
const elasticKernel = kernel(source, "elastic");

/** Size of an elastic deformation, in pixels. */
export interface ElasticOptions {
  /** Factor of the smoothed noise. */
  amplitude: number;
  /** Of the Gaussian that smooths it, with `4·sigma | 1` taps. */
  sigma: number;
}

/**
 * A smooth displacement field: noise smoothed by a Gaussian, times the amplitude (docs/reference/preprocessing.md,
 * 11.3). No gradient.
 *
 * @param noise `[H, W]`
 * @returns `[H, W]` in pixels
 */
export function displacement(noise: Tensor, { amplitude, sigma }: ElasticOptions): Tensor {
  expectShape("smooth noise", "noise", noise, ["H", "W"]);
  const [height, width] = noise.shape;
  const radius = Math.floor((Math.trunc(4 * sigma) | 1) / 2);
  const pass = (x: Tensor, vertical: number, scale: number) => {
    const y = emptyLike(x);
    blurKernel.dispatch({ sizes: { height, width, vertical, radius, sigma, scale }, x, y }, { threads: x.size });
    return y;
  };
  const along = pass(noise, 0, 1);
  const result = pass(along, 1, amplitude);
  along.release();
  return result;
}

/**
 * Samples a slice at displaced positions, bilinear, mirrored outside with the edge pixel repeated. No gradient.
 *
 * @param x `[H, W]`
 * @param dx displacement along columns in pixels, `[H, W]`
 * @param dy displacement along rows in pixels, `[H, W]`
 * @returns `[H, W]`
 * @throws {ShapeError} if the sizes differ
 */
export function elastic(x: Tensor, dx: Tensor, dy: Tensor): Tensor {
  expectShape("deform", "x", x, ["H", "W"]);
  const [height, width] = x.shape;
  expectShape("deform", "dx", dx, [height, width]);
  expectShape("deform", "dy", dy, [height, width]);
  const y = emptyLike(x);
  elasticKernel.dispatch({ sizes: { height, width }, x, dx, dy, y }, { threads: x.size });
  return y;
}
