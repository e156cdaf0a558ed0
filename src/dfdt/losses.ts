import {
  boundaryScore,
  isAbove,
  likelihoodLoss,
  maxPool,
  meanSquaredDifference,
  softDiceLoss,
  subtract,
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

/** The query loss: a mean likelihood weighted 0.1 on the background and 1 on the foreground. */
export function queryLoss(prediction: Tensor, label: Tensor): Tensor {
  return likelihoodLoss(prediction, label, { background: 0.1 });
}

/**
 * The periphery loss: mean likelihood of the ring around the support mask S, `−log clamp(P − O)` where `dilate(S) − S` is 1, by
 * the difference of the predictions P from the dilated and O from the plain mask's prototype.
 */
export function peripheryLoss(
  predictions: { object: Tensor; periphery: Tensor },
  masks: { supportMask: Tensor; dilated: Tensor },
): Tensor {
  const ring = subtract(masks.dilated, masks.supportMask);
  return likelihoodLoss(subtract(predictions.periphery, predictions.object), ring);
}

/**
 * The align loss: roles exchanged, the prediction as support, the support as query. Mean likelihood of the support mask by the
 * prototype of what was predicted on the query; 0 where nothing was.
 *
 * @param aligned prediction on the support image
 */
export function alignLoss(aligned: Tensor, masks: { supportMask: Tensor; predicted: Tensor }): Tensor {
  return likelihoodLoss(aligned, masks.supportMask, { unlessEmpty: masks.predicted });
}

/** The MSE loss: mean squared difference of the prototypes of prediction and support, `[1, C]`; 0 where nothing was predicted. */
export function prototypeLoss(query: Tensor, support: Tensor, predicted: Tensor): Tensor {
  return meanSquaredDifference(query, support, { unlessEmpty: predicted });
}

/** The qry loss: mean likelihood of the query label, predicted from the prototype of that very label. */
export function ownPrototypeLoss(prediction: Tensor, label: Tensor): Tensor {
  return likelihoodLoss(prediction, label);
}

/** The predicted mask, 1 where Y > 1 − Y; no gradient flows through it. */
export function predictedMask(prediction: Tensor): Tensor {
  return isAbove(prediction, 0.5);
}

/**
 * The boundary loss, one minus the F-score of the edges of both channels.
 *
 * @param options `softmax`: as published on `softmax([1 − Y, Y])`, a softmax of probabilities; otherwise on `[1 − Y, Y]`
 */
export function boundaryLoss(prediction: Tensor, label: Tensor, options: { softmax: boolean }): Tensor {
  return boundaryScore(prediction, label, options);
}

/**
 * Soft Dice loss.
 *
 * @param options `doubleSigmoid`: as published on σ(Y), otherwise on Y
 */
export function diceLoss(prediction: Tensor, label: Tensor, { doubleSigmoid }: { doubleSigmoid: boolean }): Tensor {
  return softDiceLoss(prediction, label, { logistic: doubleSigmoid });
}
