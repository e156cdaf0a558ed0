import { displacement, elastic, gamma, isAbove, uniformNoise, warpAffine } from "../../kernels/mod.ts";
import type { Episode } from "../episode.ts";
import type { Tensor } from "../tensor/mod.ts";
import {
  affineMatrix,
  type AugmentationDraws,
  type AugmentationOptions,
  inverseMatrix,
  type Side,
} from "./augmentation_draws.ts";

/**
 * Augments an episode as published (docs/reference/preprocessing.md, 10, step 10): an intensity curve on one of its two
 * slices, an affine and an elastic map on one of the two and its mask.
 */
export function augment(
  slices: Episode<Tensor>,
  draws: AugmentationDraws,
  options: AugmentationOptions,
): Episode<Tensor> {
  const result = { ...slices };
  const image = (side: Side) => `${side}Image` as const;
  const mask = (side: Side) => `${side}Mask` as const;
  const bright = image(draws.gamma.side);
  result[bright] = gamma(result[bright], draws.gamma.exponent);

  const { side, affine: affineDraws, noiseKeys } = draws.geometry;
  const [height, width] = slices.supportImage.shape;
  const inverse = inverseMatrix(affineMatrix(affineDraws, height, width));
  const [dx, dy] = [0, 1].map((k) =>
    displacement(uniformNoise([height, width], [noiseKeys[0], noiseKeys[1] ^ k]), options)
  );
  const deform = (x: Tensor) => elastic(warpAffine(x, inverse), dx, dy);
  result[image(side)] = deform(result[image(side)]);
  // rounded to the nearest integer, once, at the end: one half becomes 0
  result[mask(side)] = isAbove(deform(result[mask(side)]), 0.5);
  return result;
}
