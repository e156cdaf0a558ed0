import { Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import process from "node:process";
import { UserError } from "../errors.ts";
import { type Choices, configure, type Experiment } from "../pipeline/mod.ts";
import { load } from "./pipeline.ts";

/** `deno task verify EXPERIMENT`: reads the raw data whole and lists what is wrong with it, case by case. */
export function command() {
  return new Command("verify")
    .description("lists what is wrong with raw data, case by case")
    .argument("<experiment>", "name of a module in experiments/")
    .option("--data <dir>", "where the raw data set lies")
    .addOption(
      new Option("--preset <name>", "size of network and schedule").choices(["paper", "laptop", "tiny"] as const),
    )
    .option("--fold <n>", "cross-validation fold", wholeNumber, 0)
    .option("--seed <n>", "one seed for everything random", wholeNumber, 2023)
    .addOption(new Option("--setting <n>", "published setting").choices(["1", "2"] as const).default("1" as const))
    .addOption(
      new Option("--protocol <name>", "test protocol").choices(["published", "volume"] as const)
        .default("published" as const),
    )
    .option("--set <key=value>", "overrides a configuration value", (value, list: string[]) => [...list, value], [])
    .action(async (name, { set, preset, setting, ...others }) => {
      const experiment = await load(name);
      const choices = {
        ...others,
        preset: preset ?? experiment.defaultPreset,
        setting: setting === "2" ? 2 : 1,
      } as const;
      const problems = await verify(experiment, choices, set);
      if (problems > 0) process.exitCode = 2;
    });
}

function wholeNumber(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("expected a whole number");
}

/** Prints what was decided, a line a case, then what is wrong with the fold; returns the number of problems. */
async function verify(experiment: Experiment, choices: Choices, set: readonly string[]): Promise<number> {
  if (!experiment.verify) {
    throw new UserError("usage", `Cannot verify "${experiment.name}": expected an experiment that reads raw data`);
  }
  const config = configure(experiment.schema, experiment.defaults(choices), set);
  const told = new Set<string>();
  const tell = (line: string) => {
    if (!told.has(line)) console.log(line);
    told.add(line);
  };
  let cases = 0, bad = 0, others = 0, found = 0;
  for await (const { id, about, problems, warnings } of experiment.verify(config, choices)) {
    if (id !== "") cases++;
    if (id !== "" && problems.length > 0) bad++;
    if (id === "") others += problems.length;
    found += problems.length;
    if (problems.length === 0 && about) tell(`ok       ${id.padEnd(8)} ${about}`);
    for (const warning of warnings) tell(`warning  ${id.padEnd(8)} ${warning}`);
    for (const problem of problems) tell(`problem  ${id.padEnd(8)} ${problem}`);
  }
  try {
    await experiment.prepare(config, choices, {
      say: (message) => tell(`decided  ${message}`),
      warn: (message) => [...told].some((line) => line.includes(message)) || tell(`warning  ${message}`),
    });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    // what is wrong with cases has been said
    if (bad === 0 && ![...told].some((line) => line.includes(error.message))) {
      tell(`problem  ${error.message}`);
      others++;
      found++;
    }
  }
  const further = others > 0 ? `${bad > 0 ? ", " : "; "}${others} other ${others === 1 ? "problem" : "problems"}` : "";
  console.log(`${cases} ${cases === 1 ? "case" : "cases"}, ${bad} of them with problems${further}`);
  return found;
}
