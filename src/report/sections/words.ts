import type { Measure } from "../../inference/protocol.ts";
import { shown } from "../../inference/results_tables.ts";

/** A share as pages show it: percent with two digits, as `results.md`; a dash where undefined. */
export function percent(value: number | null | undefined): string {
  return shown(value, "dice");
}

/** A measure as pages show it, in percent or mm. */
export function figure(value: number | null | undefined, measure: Measure): string {
  return shown(value, measure);
}

/** Mean and deviation, for example "66.42 ± 3.10". */
export function plusMinus({ mean, sd }: { mean: number | null; sd: number | null }): string {
  return sd === null ? percent(mean) : `${percent(mean)} ± ${percent(sd)}`;
}

/** A count with its noun, for example "1 case" or "3 cases". */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}

/** Words as a list: "a", "a and b", "a, b and c". */
export function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}
