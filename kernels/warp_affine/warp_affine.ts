import { kernel } from "../../src/gpu/mod.ts";
import { emptyLike, expectShape, fromArray, type Tensor } from "../../src/tensor/mod.ts";
import source from "./warp_affine.wgsl" with { type: "text" };

const warpKernel = kernel(source, "warpAffine");

/** Rows `[a, b, tx]`, `[c, d, ty]` from output to source pixels (x, y). */
export type AffineRows = readonly [a: number, b: number, tx: number, c: number, d: number, ty: number];

/**
 * Bilinear affine warp with source coordinates of whole 1/32 pixels, 0 outside (docs/reference/preprocessing.md, 11.2).
 * No gradient.
 *
 * @param x `[H, W]`
 * @param inverse from output to source
 * @returns `[H, W]`
 * @throws {ShapeError} if x is not of rank 2
 */
export function warpAffine(x: Tensor, [a, b, tx, c, d, ty]: AffineRows): Tensor {
  expectShape("warp", "x", x, ["H", "W"]);
  const [height, width] = x.shape;
  const terms = new Int32Array(2 * (width + height));
  for (let k = 0; k < width; k++) {
    terms[k] = roundHalfToEven(1024 * a * k);
    terms[width + height + k] = roundHalfToEven(1024 * c * k);
  }
  for (let r = 0; r < height; r++) {
    terms[width + r] = roundHalfToEven(1024 * (b * r + tx));
    terms[2 * width + height + r] = roundHalfToEven(1024 * (d * r + ty));
  }
  const onGpu = fromArray(terms, [terms.length]), y = emptyLike(x);
  warpKernel.dispatch({ sizes: { height, width }, x, terms: onGpu, y }, { threads: x.size });
  onGpu.release();
  return y;
}

function roundHalfToEven(x: number): number {
  const floor = Math.floor(x), rest = x - floor;
  return rest < 0.5 || (rest === 0.5 && floor % 2 === 0) ? floor : floor + 1;
}
