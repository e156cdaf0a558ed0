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

/** The seven losses of a training step, in published order (docs/reference/network.md, 3): the one list of their names. */
export const LOSS_NAMES = ["query", "periphery", "align", "mse", "qry", "boundary", "dice"] as const;

/** A value of each loss, `[1]`. */
export type Losses = Record<typeof LOSS_NAMES[number], Tensor>;

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

/**
 * The periphery loss: mean likelihood of the ring around the support mask S, `−log clamp(P − O)` where `dilate(S) − S` is 1, by
 * the difference of the predictions P from the dilated and O from the plain mask's prototype.
 */
export function peripheryLoss(predictions: { object: Tensor; periphery: Tensor }, supportMask: Tensor): Tensor {
  const ring = subtract(dilate(supportMask), supportMask);
  return meanLikelihood(subtract(predictions.periphery, predictions.object), ring);
}

/**
 * The align loss: roles exchanged, the prediction as support, the support as query. Mean likelihood of the support mask by the
 * prototype of what was predicted on the query; 0 where nothing was.
 *
 * @param aligned prediction on the support image
 */
export function alignLoss(aligned: Tensor, masks: { supportMask: Tensor; predicted: Tensor }): Tensor {
  return unlessEmpty(meanLikelihood(aligned, masks.supportMask), masks.predicted);
}

/** The MSE loss: mean squared difference of the prototypes of prediction and support, `[1, C]`; 0 where nothing was predicted. */
export function prototypeLoss(query: Tensor, support: Tensor, predicted: Tensor): Tensor {
  return unlessEmpty(prototypeDistance(query, support), predicted);
}

/** The qry loss: mean likelihood of the query label, predicted from the prototype of that very label. */
export function ownPrototypeLoss(prediction: Tensor, label: Tensor): Tensor {
  return meanLikelihood(prediction, label);
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
