import { UserError } from "../errors.ts";
import type { Choices, Experiment } from "../../experiments/common/experiment.ts";
import { seedOf } from "./experiment_options.ts";

/** What a command asks for: a run for every combination. */
export interface Sweep {
  /** Published settings. */
  settings: Choices["setting"][];
  /** Test protocols. */
  protocols: Choices["protocol"][];
  /** Seeds. */
  seeds: number[];
  /** Folds, by number; all that there are unless given. */
  folds: number[] | "all";
}

/** A sweep as it is typed. */
export type SweepOptions = Record<"setting" | "protocol" | "seed" | "fold", string>;

/**
 * Reads the lists of a sweep, `1,2` or one value; what is there twice counts once.
 *
 * @throws {UserError} naming the option
 */
export function sweepOf({ setting, protocol, seed, fold }: SweepOptions): Sweep {
  return {
    settings: list("--setting", setting, (text) => oneOf("--setting", text, ["1", "2"])).map((text) => {
      return text === "2" ? 2 : 1;
    }),
    protocols: list("--protocol", protocol, (text) => oneOf("--protocol", text, ["published", "volume"])),
    seeds: list("--seed", seed, seedOf),
    folds: fold === "all" ? "all" : list("--fold", fold, foldOf),
  };
}

function list<T>(option: string, text: string, read: (item: string) => T): T[] {
  const items = text.split(",").map((item) => item.trim());
  if (items.includes("")) {
    throw new UserError("usage", `Cannot use ${option} "${text}": expected one value, or several with commas between`);
  }
  return [...new Set(items.map(read))];
}

function oneOf<const T extends string>(option: string, text: string, known: readonly T[]): T {
  const found = known.find((one) => one === text);
  if (found) return found;
  const names = known.map((one) => `"${one}"`);
  throw new UserError("usage", `Unknown ${option} "${text}": expected ${names.join(", ")}, or ${known.join(",")}`);
}

function foldOf(text: string): number {
  if (/^\d{1,4}$/.test(text)) return Number(text);
  throw new UserError("usage", `Unknown --fold "${text}": expected a number, several with commas between, or all`);
}

/** Folds of an experiment that does not say. */
const PUBLISHED_FOLDS = 5;

/**
 * The folds that are asked for, of those that the raw data make.
 *
 * @param choices of any fold
 * @throws {UserError} for one that there is not
 */
export async function chosenFolds(
  folds: Sweep["folds"],
  experiment: Experiment,
  { config, choices }: { config: unknown; choices: Choices },
): Promise<number[]> {
  // an experiment that counts its folds by the data says itself why there is no such fold
  const count = await experiment.folds?.(config, choices);
  const last = Math.max(count ?? PUBLISHED_FOLDS, 1) - 1;
  if (folds === "all") return Array.from({ length: last + 1 }, (_, fold) => fold);
  const unknown = count === undefined ? folds.find((fold) => fold > last) : undefined;
  if (unknown === undefined) return folds;
  const range = last === 0 ? "0" : `a number from 0 to ${last}`;
  throw new UserError("usage", `Unknown --fold "${unknown}": expected ${range}, or all`);
}
