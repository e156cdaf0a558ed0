import { Command, Option } from "@commander-js/extra-typings";
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
    .option("--set <key=value>", "overrides a configuration value", (value, list: string[]) => [...list, value], [])
    .action(async (name, { data, preset, set }) => {
      const experiment = await load(name);
      const problems = await verify(experiment, { data, preset: preset ?? experiment.defaultPreset, set });
      if (problems > 0) process.exitCode = 2;
    });
}

/** Prints a line a case, then what is wrong with the folds; returns the number of problems. */
async function verify(
  experiment: Experiment,
  { data, preset, set }: { data?: string; preset: Choices["preset"]; set: readonly string[] },
): Promise<number> {
  if (!experiment.verify) {
    throw new UserError("usage", `Cannot verify "${experiment.name}": expected an experiment that reads raw data`);
  }
  const choices: Choices = { preset, setting: 1, protocol: "published", fold: 0, seed: 2023, data };
  const config = configure(experiment.schema, experiment.defaults(choices), set);
  let cases = 0, bad = 0, found = 0;
  for await (const { id, about, problems } of experiment.verify(config, choices)) {
    cases++;
    if (problems.length > 0) bad++;
    found += problems.length;
    if (problems.length === 0) console.log(`ok       ${id.padEnd(8)} ${about}`);
    for (const problem of problems) console.log(`problem  ${id.padEnd(8)} ${problem}`);
  }
  // whatever stops a case stops every fold as well, and has been said
  if (found === 0) {
    const messages = new Set<string>();
    for (const fold of [0, 1, 2, 3, 4]) {
      try {
        await experiment.prepare(config, { ...choices, fold }, (message) => messages.add(`warning  ${message}`));
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        // a fold that there is not, as of a handful of cases, is nothing that the data should be blamed for
        messages.add(`${error.kind === "usage" && fold > 0 ? "warning" : "problem"}  ${error.message}`);
      }
    }
    for (const message of messages) console.log(message);
    found = [...messages].filter((message) => message.startsWith("problem")).length;
  }
  console.log(
    `${cases} cases, ${bad} of them with problems${bad === 0 && found > 0 ? `; ${found} other problems` : ""}`,
  );
  return found;
}
