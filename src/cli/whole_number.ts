import { UserError } from "../errors.ts";

/**
 * The whole number that an option gives.
 *
 * @param option for the message, for example `--cases`
 * @throws {UserError} of kind `usage` if it is none, or out of `range`
 */
export function wholeNumber(text: string, option: string, range: readonly [lowest: number, highest: number]): number {
  const value = Number(text), [lowest, highest] = range;
  if (text.trim() !== "" && Number.isInteger(value) && value >= lowest && value <= highest) return value;
  throw new UserError("usage", `Cannot use ${option} "${text}": expected a whole number in ${lowest}..${highest}`);
}
