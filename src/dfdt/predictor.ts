import { normalizeRows, probability, resize, rowProducts } from "../../kernels/mod.ts";
import { reshape, type Tensor } from "../tensor/mod.ts";

/** Norms below it are raised to it before a division. */
const SMALLEST_NORM = 1e-8;

/** Of a cosine among the logits. */
const COSINE_SCALE = 10;

/** Features of one image, ready for comparison with any number of prototypes. */
export interface Comparable {
  /** The features themselves, `[n·n, C]`. */
  readonly features: Tensor;
  /** The same with every pixel at unit length, `[n·n, C]`. */
  readonly directions: Tensor;
  /** Side n of the map. */
  readonly side: number;
}

/** Prepares features `[1, n, n, C]` for {@link predict} and for pooling. */
export function comparable(features: Tensor): Comparable {
  const [, side, , channels] = features.shape;
  const rows = reshape(features, [side * side, channels]);
  return { features: rows, directions: normalizeRows(rows, SMALLEST_NORM), side };
}

/**
 * Foreground probability of every pixel, `σ(10·cos(F, p) + τ/2)` (docs/reference/network.md, 2.6).
 *
 * @param prototype p, `[1, C]`
 * @param threshold τ, `[1, 1]`
 * @returns `[1, n, n, 1]`
 */
export function predict({ directions, side }: Comparable, prototype: Tensor, threshold: Tensor): Tensor {
  const cosine = rowProducts(directions, normalizeRows(prototype, SMALLEST_NORM));
  return reshape(probability(cosine, threshold, COSINE_SCALE), [1, side, side, 1]);
}

/** Enlarges a prediction to the image's size, corner-aligned, `[1, H, H, 1]` (docs/reference/network.md, 2.1). */
export function enlarge(prediction: Tensor, image: number): Tensor {
  return resize(prediction, [image, image], { alignCorners: true });
}
