import type { z } from "zod";
import type { ReadCase } from "../../src/datasets/read_case.ts";
import type { RawNotes } from "../../src/imaging/label_values.ts";
import type { Fold, TrainingFold } from "../../src/fewshot/folds.ts";
import { planShots } from "../../src/fewshot/shots.ts";
import { wantedClasses } from "../../src/fewshot/tested_classes.ts";
import type { CaseFindings } from "./experiment.ts";
import { verifyCases } from "./verify_cases.ts";
import type { commonSchema } from "./presets.ts";

/** What differs between the experiments. */
export interface VerifiedSet {
  /** Ids of all cases in order, and what is wrong with those that cannot be read at all. */
  cases: ReadonlyMap<string, readonly string[]>;
  /** Ids of those with labels, in order. */
  labelled: readonly string[];
  /** Reads a case just as the stages do. */
  read(id: string, notes: RawNotes): Promise<ReadCase>;
  /** Names of all classes by class number. */
  classes: readonly string[];
  /** What the user's files store for each class; its number unless given. */
  values?: readonly number[];
  /** The fold that would run; throws what the pipeline would. */
  fold(): Fold | TrainingFold;
  /** Whether Setting 2 leaves slices out. */
  excludes: boolean;
  /** Whether cases of one slice train. */
  singleSlices?: boolean;
}

/** Verifies the cases of an experiment and what its common half does with them. */
export async function* verify(set: VerifiedSet, config: z.output<typeof commonSchema>): AsyncGenerator<CaseFindings> {
  const classes = set.classes.map((name, number) => ({ name, value: set.values?.[number] ?? number }));
  const wanted = wantedClasses(config.test.labels, classes);
  const { minVoxels } = config.supervoxels, { minArea } = config.training;
  yield* verifyCases({
    ...set,
    classes,
    wanted,
    fold() {
      const fold = set.fold();
      const plan = fold.support === undefined ? undefined : planShots(fold, set.labelled, config.test);
      return { fold, support: plan?.supports[0] };
    },
    training: {
      minVoxels,
      ...(set.singleSlices ? { minPixels: minArea } : {}),
      minArea,
      excluded: set.excludes ? wanted.tested : [],
    },
  });
}

/** The cases of a listing, with what is wrong with those that lack a file. */
export function casesOf(
  ids: Iterable<string>,
  unpaired: ReadonlyMap<string, string | readonly string[]>,
  order: (a: string, b: string) => number,
): Map<string, readonly string[]> {
  const all = [...new Set([...ids, ...unpaired.keys()])].sort(order);
  return new Map(all.map((id) => [id, [unpaired.get(id) ?? []].flat()]));
}
