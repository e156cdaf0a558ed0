import {
  add,
  affine,
  isAbove,
  maskedMean,
  multiply,
  partition,
  resize,
  resizeTransposed,
  type Sampler,
  segmentMean,
  sum,
} from "../../kernels/mod.ts";
import { reshape, type Tensor } from "../tensor/mod.ts";
import type { Comparable } from "./predictor.ts";

/**
 * Masked average pooling `Σ up(F)·m / (Σ m + 1e-5)` (docs/reference/network.md, 2.6). The features are not enlarged:
 * the transpose of the enlargement is applied to an image-sized mask instead, which gives the same sums of features and of
 * the mask at a sixteenth of the work.
 *
 * @param mask `[1, H, H, 1]`, of the image or of the feature map
 * @returns the prototype, `[1, C]`
 */
export function pool({ features, side }: Comparable, mask: Tensor): Tensor {
  return maskedMean(features, resizeTransposed(mask, [side, side]), 1e-5);
}

/**
 * The support mask on the feature map, foreground where not 0 (docs/reference/network.md, 2.7, step 2). A mask of a few
 * pixels can fall between those of the map.
 *
 * @param mask `[1, H, H, 1]`
 * @param options `findAlways`: such a mask is where the map's pixels would spread onto it, and not nowhere, as published
 * @returns `[1, n, n, 1]`
 */
export function maskOnMap(mask: Tensor, { side, findAlways }: { side: number; findAlways: boolean }): Tensor {
  const onMap = resize(mask, [side, side], { alignCorners: false });
  if (!findAlways) return onMap;
  const isMissed = affine(isAbove(sum(onMap, "all"), 0), -1, 1);
  return add(onMap, multiply(resizeTransposed(mask, [side, side]), isMissed));
}

/** Prototypes of the support's foreground parts. */
export interface PartPrototypes {
  /** P⁰, `[K, C]`. */
  prototypes: Tensor;
  /** Index of the first centre and number of foreground pixels, i32 `[2]`. */
  first: Tensor;
}

/**
 * Cuts the support foreground into K parts around farthest-point centres and averages the features of each
 * (docs/reference/network.md, 2.7, step 2).
 *
 * @param mapMask see {@link maskOnMap}
 * @param options `fill`: which pixels join a foreground of fewer than K
 */
export function partPrototypes(
  { features }: Comparable,
  mapMask: Tensor,
  options: { parts: number; sampler: Sampler; fill: "first" | "nearest" },
): PartPrototypes {
  const { assignment, first } = partition(reshape(mapMask, [mapMask.size]), options);
  return { prototypes: segmentMean(features, assignment, options.parts), first };
}
