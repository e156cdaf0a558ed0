import { UserError } from "../errors.ts";
import type { Fold } from "./folds.ts";

/**
 * A fold of a published data set as far as it is on disk. Cases have their published places whatever is missing, so that a
 * fold is the same fold in an incomplete download: without one of its test cases it is refused, without training cases it
 * goes on and says so.
 *
 * @param fold made of all published cases
 * @param ids of the cases on disk
 * @param about.number of the fold
 * @param about.file name of a case's image in the download
 * @param warn tells which training cases are missing, and which cases are not among the published ones
 * @throws {UserError} if test cases are missing
 */
export function casesOnDisk(
  fold: Fold,
  ids: readonly string[],
  { number, file, warn }: { number: number; file: (id: string) => string; warn: (message: string) => void },
): Fold {
  const absent = (wanted: readonly string[]) => wanted.filter((id) => !ids.includes(id));
  const name = (id: string) => `${id} (${file(id)})`;
  const test = [fold.support, ...fold.query];
  const missing = absent(test);
  if (missing.length > 0) {
    throw new UserError(
      "data",
      `Cannot use fold ${number}: expected its ${test.length} test cases, found no ${
        missing.map(name).join(", ")
      }. Complete the ` +
        "download, or choose another --fold",
    );
  }
  const untrained = absent(fold.train);
  if (untrained.length > 0) {
    warn(
      `${untrained.length} of the ${fold.train.length} training cases of fold ${number} are not there: ` +
        `${untrained.map(name).join(", ")}; scores cannot be compared with published ones`,
    );
  }
  const further = ids.filter((id) => !fold.train.includes(id) && !test.includes(id));
  if (further.length > 0) warn(`${further.join(", ")}: not among the published cases; left out`);
  const train = fold.train.filter((id) => ids.includes(id));
  if (train.length > 0) return { ...fold, train };
  throw new UserError(
    "data",
    `Cannot use fold ${number}: expected training cases besides its test cases, found none of ${fold.train.length}`,
  );
}
