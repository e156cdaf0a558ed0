import { UserError } from "../errors.ts";
import type { Fold } from "./folds.ts";

/**
 * A fold of a user's own cross-validation: its `val` cases are the test set, the first of them is the support.
 *
 * @param splits of nnU-Net's `splits_final.json`
 * @param ids in the order of the data set
 * @throws {UserError} if there is no such fold
 */
export function splitFold(
  splits: readonly { train: readonly string[]; val: readonly string[] }[],
  ids: readonly string[],
  fold: number,
): Fold {
  const split = splits[fold];
  if (!split) {
    throw new UserError(
      "usage",
      `Cannot use fold ${fold}: expected one of the ${splits.length} in splits_final.json, 0 to ${
        splits.length - 1
      }. Choose ` +
        "another --fold",
    );
  }
  const [support, ...query] = ids.filter((id) => split.val.includes(id));
  return { train: ids.filter((id) => split.train.includes(id)), support, query };
}
