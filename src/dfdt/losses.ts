import {
  add,
  affine,
  divide,
  isAbove,
  maxPool,
  mean,
  multiply,
  negativeLogLikelihood,
  sigmoid,
  square,
  subtract,
  sum,
} from "../../kernels/mod.ts";
import type { Tensor } from "../tensor/mod.ts";

/** The seven losses of a training step, each `[1]`, in published order (docs/reference/network.md, 3). */
export interface Losses {
  /** Weighted likelihood of the query label. */
  query: Tensor;
  /** Likelihood of the ring around the support mask. */
  periphery: Tensor;
  /** The prediction as support, the support as query. */
  align: Tensor;
  /** Distance of the two prototypes. */
  mse: Tensor;
  /** Likelihood of the query label by its own prototype. */
  qry: Tensor;
  /** One minus the F-score of the boundaries. */
  boundary: Tensor;
  /** Soft Dice. */
  dice: Tensor;
}

/** Dilates a 0/1 mask `[1, H, W, 1]` by a 3×3 square. */
export function dilate(mask: Tensor): Tensor {
  return maxPool(mask, { window: 3, stride: 1, padding: 1 });
}

/** Mean over the pixels of `−log clamp(p if y = 1 else 1 − p, ε, 1 − ε)`. */
export function meanLikelihood(prediction: Tensor, label: Tensor): Tensor {
  return mean(negativeLogLikelihood(prediction, label), "all");
}

/** The query loss: a mean weighted 0.1 on the background and 1 on the foreground. */
export function queryLoss(prediction: Tensor, label: Tensor): Tensor {
  const weights = affine(label, 0.9, 0.1);
  return divide(sum(multiply(negativeLogLikelihood(prediction, label), weights), "all"), sum(weights, "all"));
}

/** The predicted mask, 1 where Y > 1 − Y; no gradient flows through it. */
export function predictedMask(prediction: Tensor): Tensor {
  return isAbove(prediction, 0.5);
}

/** Multiplies a loss by 1, or by 0 where the mask is empty. */
export function unlessEmpty(loss: Tensor, mask: Tensor): Tensor {
  return multiply(loss, isAbove(sum(mask, "all"), 0.5));
}

/** Mean over the channels of the squared difference of two prototypes `[1, C]`. */
export function prototypeDistance(a: Tensor, b: Tensor): Tensor {
  return mean(square(subtract(a, b)), "all");
}

/**
 * The boundary loss, one minus the F-score of the edges of both channels.
 *
 * @param options `softmax`: as published on `softmax([1 − Y, Y])`, a softmax of probabilities; otherwise on `[1 − Y, Y]`
 */
export function boundaryLoss(prediction: Tensor, label: Tensor, { softmax }: { softmax: boolean }): Tensor {
  const foreground = softmax ? sigmoid(affine(prediction, 2, -1)) : prediction;
  const background = affine(foreground, -1, 1);
  const other = affine(label, -1, 1);
  // The edge of a channel is found in its complement, which is the other channel.
  const losses = add(
    channelBoundary(background, other),
    channelBoundary(foreground, label),
  );
  return affine(losses, 0.5, 0);
}

/** `1 − BF` of one channel, from the complement of its soft and hard map. */
function channelBoundary(softComplement: Tensor, hardComplement: Tensor): Tensor {
  const edge = (complement: Tensor) => subtract(dilate(complement), complement);
  const extended = (x: Tensor) => maxPool(x, { window: 5, stride: 1, padding: 2 });
  const softEdge = edge(softComplement), hardEdge = edge(hardComplement);
  const share = (part: Tensor, mask: Tensor) =>
    divide(sum(multiply(part, mask), "all"), affine(sum(mask, "all"), 1, 1e-7));
  const precision = share(extended(hardEdge), softEdge);
  const recall = share(extended(softEdge), hardEdge);
  const product = affine(multiply(precision, recall), 2, 0);
  return affine(divide(product, affine(add(precision, recall), 1, 1e-7)), -1, 1);
}

/**
 * Soft Dice loss.
 *
 * @param options `doubleSigmoid`: as published on σ(Y), otherwise on Y
 */
export function diceLoss(prediction: Tensor, label: Tensor, { doubleSigmoid }: { doubleSigmoid: boolean }): Tensor {
  const soft = doubleSigmoid ? sigmoid(prediction) : prediction;
  const overlap = affine(sum(multiply(soft, label), "all"), 2, 1);
  const total = affine(add(sum(soft, "all"), sum(label, "all")), 1, 1);
  return affine(divide(overlap, total), -1, 1);
}
