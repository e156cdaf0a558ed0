import { Option } from "@commander-js/extra-typings";
import { wholeNumber } from "./whole_number.ts";

/** Options that decide about an experiment, for every task that has one. */
export const experimentOptions = {
  preset: () =>
    new Option("--preset <name>", "size of network and schedule").choices(["paper", "laptop", "tiny"] as const),
  setting: () => new Option("--setting <n>", "published setting").choices(["1", "2"] as const).default("1" as const),
  protocol: () =>
    new Option("--protocol <name>", "test protocol").choices(["published", "volume"] as const)
      .default("published" as const),
};

/** The same for a task that runs many: each a list. */
export const sweepOptions = {
  setting: () => asText(new Option("--setting <list>", "published setting, or both: 1,2").choices(["1", "2"]), "1"),
  protocol: () =>
    asText(
      new Option("--protocol <list>", "test protocol, or both: published,volume").choices(["published", "volume"]),
      "published",
    ),
};

/** Choices stand in the help and in completions; what is typed is looked at where lists are read. */
function asText<Flags extends string>(option: Option<Flags>, byDefault: string) {
  return option.argParser((text: string) => text).default(byDefault);
}

/** The seed that `--seed` gives. */
export function seedOf(text: string): number {
  return wholeNumber(text, "--seed", [0, Number.MAX_SAFE_INTEGER]);
}
