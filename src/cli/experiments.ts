import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { UserError } from "../errors.ts";
import { didYouMean } from "../pipeline/mod.ts";
import type { Experiment } from "../../experiments/common/experiment.ts";
import { projectFolder } from "./user_folder.ts";

const EXPERIMENTS = new URL("../../experiments/", import.meta.url);

/** Names of all experiments. */
export async function experimentNames(): Promise<string[]> {
  return (await readdir(fileURLToPath(EXPERIMENTS)))
    .filter((file) => file.endsWith(".ts") && !file.endsWith("_test.ts"))
    .map((file) => file.slice(0, -3)).sort();
}

/**
 * The experiment of a name.
 *
 * @throws {UserError} for one that there is not, with the nearest name
 */
export async function loadExperiment(name: string): Promise<Experiment> {
  const names = await experimentNames();
  if (!names.includes(name)) throw new UserError("usage", `Unknown experiment "${name}"${didYouMean(name, names)}`);
  return (await import(new URL(`${name}.ts`, EXPERIMENTS).href)).default;
}

/**
 * The folder of an experiment's raw data: the user's, or else the project's; empty if it makes its own.
 *
 * @param experiments how many a command runs; of several, `given` holds their folders by their names
 */
export function dataOf({ name, makesData }: Experiment, given: string | undefined, experiments = 1): string {
  if (given === "") throw new UserError("usage", 'Cannot use --data "": expected a folder');
  const own = given !== undefined && experiments > 1 ? join(given, name) : given;
  if (makesData && (own === undefined || experiments > 1 && !existsSync(own))) return "";
  return own ?? projectFolder("data", name);
}
