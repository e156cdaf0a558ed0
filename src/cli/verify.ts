import { Command } from "@commander-js/extra-typings";
import process from "node:process";
import { UserError } from "../errors.ts";
import { configure } from "../pipeline/mod.ts";
import { type Choices, type Experiment, SILENT } from "../../experiments/common/experiment.ts";
import { experimentOptions, seedOf } from "./experiment_options.ts";
import { dataOf, loadExperiment } from "./experiments.ts";
import { settingsHelp } from "./settings_help.ts";
import { wholeNumber } from "./whole_number.ts";

/** `deno task verify EXPERIMENT`: reads the raw data and says what is wrong, case by case. */
export async function command(args: readonly string[] = []) {
  return new Command("verify")
    .description("reads raw data whole and says what was decided and what is wrong, case by case")
    .argument("<experiment>", "name of a module in experiments/ that reads raw data")
    .option("--data <dir>", "where the raw data set lies")
    .addOption(experimentOptions.preset())
    .option("--fold <n>", "cross-validation fold", (text) => wholeNumber(text, "--fold", [0, 9999]), 0)
    .option("--seed <n>", "one seed for everything random", seedOf, 2023)
    .addOption(experimentOptions.setting())
    .addOption(experimentOptions.protocol())
    .option("--set <key=value>", "overrides a configuration value", (value, list: string[]) => [...list, value], [])
    .addHelpText("after", await settingsHelp(args))
    .action(async (name, { set, preset, setting, data, ...others }) => {
      const experiment = await loadExperiment(name);
      const choices = {
        ...others,
        data: dataOf(experiment, data),
        preset: preset ?? experiment.defaultPreset,
        setting: setting === "2" ? 2 : 1,
      } as const;
      const problems = await verify(experiment, choices, set);
      if (problems > 0) process.exitCode = 2;
    });
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
      ...SILENT,
      say: (message) => tell(`decided  ${message}`),
      leaveOut: (id) => tell(`decided  case "${id}" is left out`),
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
