import { UserError } from "../errors.ts";
import type { Fold } from "./folds.ts";

/** Who is the support, with how many shots, and who is segmented. */
export interface ShotPlan {
  /** Support cases in order: with K shots the first K. */
  supports: string[];
  /** Query cases, the same for every K. */
  query: string[];
  /** Numbers of shots, as asked for. */
  shots: number[];
}

/** Cases that a message names. */
const MOST_NAMED = 12;

/**
 * Chooses supports and queries of a fold (docs/command-line.md, "Shots"). The fold's support, or the one that the user
 * chose, comes first, then labelled training cases in the order of the data set; with few labelled cases the first K of
 * them.
 *
 * @param labelled ids of all cases with labels, in the order of the data set
 * @param options.support the user's choice
 * @param options.shots numbers of shots
 * @throws {UserError} for a support that has no labels, or more shots than there are cases
 */
export function planShots(
  fold: Fold,
  labelled: readonly string[],
  { support: chosen, shots }: { support: string | null; shots: readonly number[] },
): ShotPlan {
  if (chosen !== null && !labelled.includes(chosen)) {
    throw new UserError(
      "usage",
      `Cannot use test.support=${chosen}: expected one of the ${labelled.length} labelled cases, ` +
        labelled.slice(0, MOST_NAMED).join(", ") + (labelled.length > MOST_NAMED ? ", …" : ""),
    );
  }
  const support = chosen ?? fold.support;
  const test = [fold.support, ...fold.query].filter((id) => id !== support);
  const further = (fold.isFew ? test : labelled.filter((id) => fold.train.includes(id))).filter((id) => id !== support);
  const most = fold.isFew ? test.length : 1 + further.length;
  const largest = Math.max(...shots);
  if (largest > most) {
    throw new UserError(
      "usage",
      `Cannot use test.shots=${largest}: expected at most ${most}, ` +
        (fold.isFew
          ? `since one of the ${test.length + 1} labelled cases has to be left to segment`
          : `the support and the ${further.length} labelled training cases of the fold`),
    );
  }
  const supports = [support, ...further.slice(0, largest - 1)];
  return { supports, query: fold.isFew ? test.filter((id) => !supports.includes(id)) : test, shots: [...shots] };
}

/**
 * The one case with labels where no other is there to test on: the support of those without.
 *
 * @param labelled ids of all cases with labels
 * @returns none where none has labels
 * @throws {UserError} for another support, or more shots
 */
export function onlySupport(
  labelled: readonly string[],
  { support, shots }: { support: string | null; shots: readonly number[] },
): string[] {
  const expected = labelled.length === 0 ? "no case has labels" : `only case "${labelled[0]}" has labels`;
  if (support !== null && !labelled.includes(support)) {
    throw new UserError("usage", `Cannot use test.support=${support}: ${expected}`);
  }
  const largest = Math.max(...shots);
  if (largest > 1) throw new UserError("usage", `Cannot use test.shots=${largest}: expected 1, since ${expected}`);
  return labelled.slice(0, 1);
}
