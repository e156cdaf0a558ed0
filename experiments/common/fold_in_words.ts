import type { Fold, TrainingFold } from "../../src/fewshot/folds.ts";
import { onlySupport, planShots } from "../../src/fewshot/shots.ts";

/** Cases that a line names. */
const MOST_NAMED = 6;

/**
 * Which cases do what in a fold, for the plan.
 *
 * @param options.number of the fold
 * @param options.labelled ids of all cases with labels
 * @param options.test what the configuration says of support and shots
 * @throws {UserError} for a support or a number of shots that there cannot be
 */
export function foldInWords(
  fold: Fold | TrainingFold,
  { number, labelled, test }: {
    number: number;
    labelled: readonly string[];
    test: { support: string | null; shots: readonly number[] };
  },
): string {
  const trains = `fold ${number} trains on ${cases(fold.train)}`;
  if (fold.support === undefined) {
    onlySupport(labelled, test); // refuses others
    const count = labelled.length === 0 ? "no case has" : `only case "${labelled[0]}" has`;
    return `${trains}; it tests nothing, since ${count} labels`;
  }
  const { supports, query } = planShots(fold, labelled, test);
  const few = fold.isFew ? ", all of them, since so few have labels, which training does not see" : "";
  const shots = supports.length > 1 ? ` (for ${test.shots.join(", ")} shots)` : "";
  return `${trains}${few}; support ${names(supports)}${shots}; segments ${cases(query)}`;
}

/**
 * Which cases without labels are segmented, from what, for the plan.
 *
 * @param targets their ids
 */
export function segmentationInWords(
  targets: readonly string[],
  { labelled, fold, test }: {
    labelled: readonly string[];
    fold: Fold | TrainingFold;
    test: { support: string | null; shots: readonly number[] };
  },
): string {
  if (labelled.length === 0) {
    return `${
      cases(targets)
    } without labels are not segmented, since no case has labels: ./dfdt segment takes the model that ` +
      "is trained here, and a label";
  }
  const supports = fold.support === undefined
    ? onlySupport(labelled, test)
    : planShots(fold, labelled, test).supports.slice(0, test.shots[0]);
  return `segments ${cases(targets)} without labels, from ${names(supports)}`;
}

function cases(ids: readonly string[]): string {
  return ids.length <= MOST_NAMED ? names(ids) : `${ids.length} cases`;
}

function names(ids: readonly string[]): string {
  return ids.map((id) => `"${id}"`).join(", ");
}
