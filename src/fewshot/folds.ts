import { UserError } from "../errors.ts";

/** Cases of one cross-validation fold. */
export interface Fold {
  /** Ids of the training cases. */
  train: string[];
  /** Id of the support case. */
  support: string;
  /** Ids of the query cases. */
  query: string[];
  /** Whether there are so few labelled cases that all of them train, support and queries included. */
  isFew?: boolean;
}

/** A fold that tests nothing, for want of labels. */
export interface TrainingFold {
  /** Ids of the training cases. */
  train: string[];
  /** There is none. */
  support: undefined;
  /** There are none. */
  query: [];
}

const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i);

/**
 * Test positions of every fold in the sorted list of cases (docs/reference/preprocessing.md, 9): neighbours share one.
 */
export const PUBLISHED_FOLDS: Readonly<Record<"SABS" | "CHAOST2" | "CMR" | "phantom", readonly (readonly number[])[]>> =
  {
    SABS: [range(0, 6), range(6, 12), range(12, 18), range(18, 24), [0, ...range(24, 29)]],
    CHAOST2: [range(0, 4), range(4, 8), range(8, 12), range(12, 16), [0, ...range(16, 19)]],
    CMR: [range(0, 7), range(7, 14), range(14, 21), range(21, 28), [0, ...range(28, 34)]],
    phantom: [range(0, 2), range(2, 4), range(4, 6), range(6, 8), range(8, 10)],
  };

/** Position of the support case among those of its fold. */
const SUPPORT_POSITION = 2;

/**
 * A published fold: its cases are the test set, the third of them is the support, everything else trains.
 *
 * @param ids in numeric order
 * @throws {UserError} if a case of the fold is not there, or nothing is left to train on
 */
export function publishedFold(ids: readonly string[], positions: readonly number[], fold: number): Fold {
  const test = ids.filter((_, position) => positions.includes(position));
  const train = ids.filter((_, position) => !positions.includes(position));
  if (test.length < positions.length || train.length === 0) {
    const found = test.length === 0 ? "no test case" : test.length < positions.length ? `only ${test.join(", ")}` : "";
    throw new UserError(
      "data",
      `Cannot use fold ${fold}: expected the cases at positions ${
        positions.join(", ")
      } of the sorted list, and others to ` +
        `train on, found ${found || "no other"} among ${ids.length} cases. Choose another --fold`,
    );
  }
  const support = test[SUPPORT_POSITION];
  return { train, support, query: test.filter((id) => id !== support) };
}

/** Folds that share no case. */
const DISJOINT_FOLDS = 5;

/**
 * A fold of the `volume` protocol: position p of N is in fold `floor(5p / N)`, so that every case is tested once. The
 * third case of the fold is the support, or its last if it has fewer; everything else trains (docs/command-line.md,
 * "The `volume` protocol").
 *
 * @param ids in numeric order
 * @throws {UserError} if the fold has fewer than two cases
 */
export function disjointFold(ids: readonly string[], fold: number): Fold {
  const isTested = (position: number) => Math.floor(DISJOINT_FOLDS * position / ids.length) === fold;
  const test = ids.filter((_, position) => isTested(position));
  if (test.length < 2) {
    throw new UserError(
      "data",
      `Cannot use fold ${fold} under --protocol volume: expected a support and a query case, found ` +
        `${test.length === 0 ? "no case" : `only ${test[0]}`} in this fifth of ${ids.length} cases. ` +
        "Choose another --fold, or --protocol published",
    );
  }
  const support = test[Math.min(SUPPORT_POSITION, test.length - 1)];
  return {
    train: ids.filter((_, position) => !isTested(position)),
    support,
    query: test.filter((id) => id !== support),
  };
}

/**
 * The fold of a published data set under either test protocol.
 *
 * @param ids in numeric order
 * @throws {UserError} if the cases that are there leave no support, no query or nothing to train on
 */
export function foldFor(
  ids: readonly string[],
  { dataset, protocol, fold }: {
    dataset: keyof typeof PUBLISHED_FOLDS;
    protocol: "published" | "volume";
    fold: number;
  },
): Fold {
  return protocol === "volume" ? disjointFold(ids, fold) : publishedFold(ids, PUBLISHED_FOLDS[dataset][fold], fold);
}
