import { UserError } from "../errors.ts";

/** What is wrong with a file of weights, for `throw`. */
export type Refusal = (expected: string, found: string) => UserError;

/** Refusals that name the file: `Cannot read "FILE": expected X, found Y`. */
export function cannotRead(name: string): Refusal {
  return (expected, found) => new UserError("data", `Cannot read "${name}": expected ${expected}, found ${found}`);
}

/** A text from a file as it may stand in a message: quoted, without control characters, cut after 80 characters. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}

/**
 * Most bytes that a file of weights may come to when unpacked. Weights hardly compress; a file that promises more is made to
 * exhaust memory. The floor lets small files of zeros pass.
 *
 * @param bytes length of the file
 */
export function largestContents(bytes: number): number {
  return 64 * 2 ** 20 + 20 * bytes;
}
