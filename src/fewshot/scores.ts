/** Voxel counts of a comparison. */
export interface Counts {
  /** Predicted and true. */
  truePositive: number;
  /** Predicted but not true. */
  falsePositive: number;
  /** True but not predicted. */
  falseNegative: number;
}

/** Scores in 0..1, `null` where undefined: nothing predicted and nothing true. */
export interface Score {
  /** `2 TP / (2 TP + FP + FN)`. */
  dice: number | null;
  /** `TP / (TP + FP + FN)`. */
  iou: number | null;
}

/** Counts over a range of two masks; anything but 0 is in the mask. */
export function countVoxels(
  predicted: ArrayLike<number>,
  truth: ArrayLike<number>,
  { begin = 0, end = predicted.length }: { begin?: number; end?: number } = {},
): Counts {
  const counts = { truePositive: 0, falsePositive: 0, falseNegative: 0 };
  for (let i = begin; i < end; i++) {
    if (predicted[i] !== 0 && truth[i] !== 0) counts.truePositive++;
    else if (predicted[i] !== 0) counts.falsePositive++;
    else if (truth[i] !== 0) counts.falseNegative++;
  }
  return counts;
}

/** Sums of counts. */
export function addCounts(a: Counts, b: Counts): Counts {
  return {
    truePositive: a.truePositive + b.truePositive,
    falsePositive: a.falsePositive + b.falsePositive,
    falseNegative: a.falseNegative + b.falseNegative,
  };
}

/** Dice and IoU of counts (docs/reference/preprocessing.md, 13). */
export function score({ truePositive: tp, falsePositive: fp, falseNegative: fn }: Counts): Score {
  const union = tp + fp + fn;
  return union === 0 ? { dice: null, iou: null } : { dice: 2 * tp / (tp + union), iou: tp / union };
}

/** Mean of the defined values, `null` if there is none. */
export function meanOf(values: readonly (number | null)[]): number | null {
  const defined = values.filter((value) => value !== null);
  return defined.length === 0 ? null : defined.reduce((a, b) => a + b, 0) / defined.length;
}
