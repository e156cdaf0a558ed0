import {
  affine,
  divide,
  matmul,
  partition,
  resizeTransposed,
  type Sampler,
  segmentMean,
  sum,
} from "../../kernels/mod.ts";
import { reshape, type Tensor } from "../tensor/mod.ts";
import type { Comparable } from "./predictor.ts";

/**
 * Masked average pooling `Σ up(F)·m / (Σ m + 1e-5)` (network reference, 2.6). The features are not enlarged: the transpose
 * of the enlargement is applied to an image-sized mask instead, which gives the same sum at a sixteenth of the work.
 *
 * @param mask `[1, H, H, 1]`, of the image or of the feature map
 * @returns the prototype, `[1, C]`
 */
export function pool({ features, side }: Comparable, mask: Tensor): Tensor {
  const onMap = mask.shape[1] === side ? mask : resizeTransposed(mask, [side, side]);
  const [pixels, channels] = features.shape;
  const total = matmul(reshape(onMap, [1, 1, pixels]), reshape(features, [1, pixels, channels]));
  return divide(reshape(total, [1, channels]), affine(sum(mask, "all"), 1, 1e-5));
}

/** Prototypes of the support's foreground parts. */
export interface PartPrototypes {
  /** P⁰, `[K, C]`. */
  prototypes: Tensor;
  /** Index of the first centre and number of foreground pixels, i32 `[2]`. */
  first: Tensor;
}

/**
 * Cuts the support foreground into K parts around farthest-point centres and averages the features of each (network
 * reference, 2.7, step 2).
 *
 * @param mapMask the support mask resized to the feature map, `[1, n, n, 1]`; foreground is what is not 0
 */
export function partPrototypes(
  { features }: Comparable,
  mapMask: Tensor,
  { parts, sampler }: { parts: number; sampler: Sampler },
): PartPrototypes {
  const { assignment, first } = partition(reshape(mapMask, [mapMask.size]), parts, sampler);
  return { prototypes: segmentMean(features, assignment, parts), first };
}
