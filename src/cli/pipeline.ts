import { Command, Option } from "@commander-js/extra-typings";
import process from "node:process";
import { experimentOptions, sweepOptions } from "./experiment_options.ts";
import { loadExperiment } from "./experiments.ts";
import { runExperiments } from "./run_experiment.ts";
import { slurmOptions } from "./slurm_options.ts";
import { settingsHelp } from "./settings_help.ts";
import denoJson from "../../deno.json" with { type: "json" };

/**
 * `deno task pipeline EXPERIMENT`: runs the stages of an experiment.
 *
 * @param args the arguments, of which the first may name the experiment whose settings the help lists
 */
export async function command(args: readonly string[] = []) {
  const pipeline = new Command("pipeline")
    .description("from raw scans to scores")
    .version(denoJson.version)
    .argument("<experiment...>", "names of modules in experiments/")
    .option("--data <dir>", "where the raw data set lies")
    .option("--work <dir>", "where artifacts go", "runs")
    .addOption(experimentOptions.preset())
    .addOption(sweepOptions.setting())
    .addOption(sweepOptions.protocol())
    .option("--fold <list>", "cross-validation folds: a number, several (0,3), or all", "0")
    .option("--seed <list>", "one seed for everything random; several (1,2,3) are as many runs", "2023")
    .option("--until <stage>", "last stage to run")
    .option(
      "--case <id>",
      "with --until: makes only this case of a stage that works case by case, and collects nothing; may be repeated",
      (value, list: string[]) => [...list, value],
      [] as string[],
    )
    .option("--from <stage>", "first stage whose artifacts are made again")
    .option("--force", "makes all artifacts again, with --from those from there on")
    .option("--set <key=value>", "overrides a configuration value", (value, list: string[]) => [...list, value], [])
    .option("--weights <file>", "initial weights")
    .addOption(
      new Option("--executor <name>", "where stages run").choices(["local", "slurm"] as const).default(
        "local" as const,
      ),
    )
    .option("--detach", "with --executor slurm: ends when all is submitted")
    .option("--adapter <name>", "part of the name of the adapter that computes; doctor lists them")
    .option("--no-wait", "fails where another process makes the same artifact")
    .option("--dry-run", "prints the plan")
    .option("--where <stage>", "prints the directory of a stage's artifact")
    .option("--verify", "hashes artifacts and inputs again")
    .option("--watch", "opens a page, for this machine alone, that follows the run")
    .option("--profile", "writes a Chrome trace, and says which operators took the most time")
    .addOption(new Option("--quiet", "says only what needs attention").conflicts("verbose"))
    .option("--verbose", "keys and every progress, too")
    .option("--json", "one JSON object a line")
    .addHelpText("after", await settingsHelp(args))
    .action(async (names, options) => {
      const experiments = await Promise.all([...new Set(names)].map(loadExperiment));
      process.exitCode = await runExperiments(experiments, options);
    });
  for (const option of slurmOptions()) pipeline.addOption(option);
  return pipeline;
}
