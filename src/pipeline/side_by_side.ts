import { UserError } from "../errors.ts";

/**
 * Calls `body` for 0 … `count` - 1, `width` at a time and in this order, as long as `mayGoOn`. Returns when all that were begun
 * are over.
 */
export async function sideBySide(
  { count, width }: { count: number; width: number },
  body: (at: number) => Promise<void>,
  mayGoOn: () => boolean,
): Promise<void> {
  let begun = 0;
  const lane = async () => {
    while (begun < count && mayGoOn()) await body(begun++);
  };
  await Promise.all(Array.from({ length: width }, lane));
}

/** Throws the first error that is not the user's, or all problems of the user's at once; nothing where there is none. */
export function throwAll(errors: readonly unknown[]): void {
  for (const error of errors) if (!(error instanceof UserError)) throw error;
  const problems = errors as UserError[];
  if (problems.length === 1) throw problems[0];
  if (problems.length > 1) {
    throw new UserError(
      problems[0].kind,
      `${problems.length} cases cannot be used:\n${problems.map(({ message }) => `  ${message}`).join("\n")}`,
    );
  }
}
