import { UserError } from "../errors.ts";
import type { Random } from "../random.ts";

/** What became of an input: a result that agrees with its data, or a refusal in our words. */
export type Outcome = "taken" | "refused";

/** A format that is read from files which others wrote. */
export interface FuzzFormat {
  /** Whole files that are taken as they are, from which mutated ones are made. */
  seeds(): Promise<Uint8Array<ArrayBuffer>[]>;
  /** Another file, by the draws of a generator alone. */
  mutate(seed: Uint8Array<ArrayBuffer>, random: Random): Uint8Array<ArrayBuffer> | Promise<Uint8Array<ArrayBuffer>>;
  /**
   * Has the file read by the reader that the product uses.
   *
   * @param dir an empty folder for files
   * @throws {Error} for whatever is neither a refusal in our words nor a result that agrees with its data
   */
  check(bytes: Uint8Array<ArrayBuffer>, dir: string): Promise<Outcome>;
  /** Seconds that one input may take; {@link SECONDS} unless given. */
  seconds?: number;
}

/** Seconds that one input may take, unless its format says otherwise. */
export const SECONDS = 5;

/** MiB that the process may grow by while one input is read: all seeds are below a tenth of a MiB. */
export const MEBIBYTES = 768;

/** Something that must never come of a file, whatever it holds. */
export class Fault extends Error {}

/** Characters of a message: a file that is told whole in it is one that nobody reads. */
const LONGEST_MESSAGE = 2000;

/**
 * The outcome of reading something.
 *
 * @param body reads and checks what comes out
 */
export async function outcomeOf(body: () => Promise<void> | void): Promise<Outcome> {
  try {
    await body();
    return "taken";
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const { message } = error;
    if (message.length > LONGEST_MESSAGE) throw new Fault(`a message of ${message.length} characters: ${message}`);
    if (!/expected|found/.test(message) || /\[object |\bundefined\b/.test(message)) {
      throw new Fault(`a message that says nothing: ${message}`);
    }
    return "refused";
  }
}

/**
 * Throws unless something is true of a result.
 *
 * @throws {Fault}
 */
export function expect(isTrue: boolean, what: string): asserts isTrue {
  if (!isTrue) throw new Fault(`a silent wrong result: ${what}`);
}
