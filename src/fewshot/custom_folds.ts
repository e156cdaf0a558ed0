import { UserError } from "../errors.ts";
import { Random } from "../random.ts";
import type { Fold, TrainingFold } from "./folds.ts";

/** What a fold of a user's own data is made of. */
export interface CustomCases {
  /** Ids of the cases with labels, in the order of the data set. */
  labelled: readonly string[];
  /** Ids of those without, which always train. */
  unlabelled: readonly string[];
  /** The user's own folds, of `splits_final.json`. */
  splits?: readonly { train: readonly string[]; val: readonly string[] }[];
}

/** Up to so many labelled cases, every one trains and is tested, since no training sees a label. */
const FEW = 4;

/** From so many on there are five folds; below, one for every two cases. */
const MANY = 10, FOLDS = 5;

/**
 * How many folds there are (docs/command-line.md, "Folds"): 0 where there are too few labels for a support and a query.
 */
export function customFoldCount({ labelled, splits }: CustomCases): number {
  if (splits) return splits.length;
  const count = labelled.length;
  if (count < 2) return 0;
  return count <= FEW ? 1 : count < MANY ? Math.floor(count / 2) : FOLDS;
}

/**
 * A fold of a user's own data: of up to 4 labelled cases fold 0, the first the support, every image trained on; of more, a
 * seeded split into disjoint folds, the support the first of the fold; or the user's own splits, the support the first of
 * `val` as written. Cases without labels train always.
 *
 * @returns a fold without support where fewer than two cases have labels: it only trains
 * @throws {UserError} if there is no such fold, or it has no support and query
 */
export function customFold(cases: CustomCases, fold: number, seed: number): Fold | TrainingFold {
  const { labelled, unlabelled, splits } = cases;
  const count = customFoldCount(cases);
  if (fold >= Math.max(count, 1)) throw new UserError("usage", noSuchFold(cases, fold, count));
  if (splits) return splitFold(splits[fold], cases, fold);
  if (count === 0) return { train: [...labelled, ...unlabelled].sort(asText), support: undefined, query: [] };
  if (labelled.length <= FEW) {
    const [support, ...query] = labelled;
    return { train: [...labelled, ...unlabelled].sort(asText), support, query, isFew: true };
  }
  const test = seededFolds(labelled, count, seed)[fold];
  const [support, ...query] = test;
  return { train: [...labelled.filter((id) => !test.includes(id)), ...unlabelled].sort(asText), support, query };
}

function asText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function noSuchFold({ labelled, splits }: CustomCases, fold: number, count: number): string {
  const there = count <= 1 ? "fold 0 alone" : `folds 0 to ${count - 1}`;
  const why = splits
    ? `splits_final.json has ${splits.length}`
    : `${labelled.length} labelled cases make ${count === 0 ? "none that is tested" : there}`;
  return `Cannot use fold ${fold}: expected ${there}, since ${why}. Choose --fold 0${
    count > 1 ? ` to ${count - 1}` : ""
  } or all`;
}

/** A fold of the user's own, whose faults alone count. */
function splitFold(
  { train, val }: { train: readonly string[]; val: readonly string[] },
  { labelled, unlabelled }: CustomCases,
  fold: number,
): Fold {
  const all = [...train, ...val], problems: string[] = [];
  const unknown = all.filter((id) => !labelled.includes(id) && !unlabelled.includes(id));
  const twice = all.filter((id, i) => all.indexOf(id) !== i);
  const blind = val.filter((id) => unlabelled.includes(id));
  if (unknown.length > 0) problems.push(`expected names of cases, found ${unknown.join(", ")}`);
  if (twice.length > 0) problems.push(`expected every case once, found ${twice.join(", ")} twice`);
  if (blind.length > 0) problems.push(`expected cases with labels in val, found none for ${blind.join(", ")}`);
  if (val.length < 2) problems.push(`expected a support and a query case in val, found ${val.length}`);
  if (train.length + unlabelled.length === 0) problems.push("expected training cases, found none");
  if (problems.length > 0) {
    throw new UserError("data", `Cannot use fold ${fold} of splits_final.json: ${problems.join("; ")}`);
  }
  const [support, ...query] = val;
  const trained = new Set([...train, ...unlabelled]);
  return { train: [...labelled, ...unlabelled].filter((id) => trained.has(id)).sort(asText), support, query };
}

function seededFolds(ids: readonly string[], count: number, seed: number): string[][] {
  const random = new Random(seed, "folds");
  const shuffled = [...ids];
  for (let i = shuffled.length - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    [shuffled[i], shuffled[j]] = [shuffled[j], shuffled[i]];
  }
  const foldOf = new Map(shuffled.map((id, position) => [id, position % count]));
  return Array.from({ length: count }, (_, fold) => ids.filter((id) => foldOf.get(id) === fold));
}
