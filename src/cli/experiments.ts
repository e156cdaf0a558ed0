import { existsSync, realpathSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { UserError } from "../errors.ts";
import { didYouMean } from "../pipeline/mod.ts";
import type { Experiment } from "../../experiments/common/experiment.ts";
import { projectFolder } from "./user_folder.ts";

const EXPERIMENTS = new URL("../../experiments/", import.meta.url);

/** Modules of experiments: the project's, and a user's own in the folder `experiments` that they stand beside. */
async function experimentModules(): Promise<Map<string, string>> {
  const own = resolve("experiments");
  const folders = [fileURLToPath(EXPERIMENTS), ...(existsSync(own) ? [own] : [])].map((folder) => realpathSync(folder));
  const found = new Map<string, string>();
  for (const folder of new Set(folders)) {
    for (const file of await readdir(folder)) {
      const name = /^([a-z0-9_]+)\.[jt]s$/.exec(file)?.[1];
      if (name === undefined || name.endsWith("_test")) continue;
      const known = found.get(name);
      if (known) {
        throw new UserError(
          "usage",
          `Cannot tell "${known}" and "${
            join(folder, file)
          }" apart: expected experiments of different names. Rename yours`,
        );
      }
      found.set(name, join(folder, file));
    }
  }
  return found;
}

/** Names of all experiments. */
export async function experimentNames(): Promise<string[]> {
  return [...(await experimentModules()).keys()].sort();
}

/**
 * The experiment of a name.
 *
 * @throws {UserError} for one that there is not, with the nearest name
 */
export async function loadExperiment(name: string): Promise<Experiment> {
  const modules = await experimentModules();
  const path = modules.get(name);
  if (path === undefined) {
    throw new UserError("usage", `Unknown experiment "${name}"${didYouMean(name, [...modules.keys()])}`);
  }
  const { default: experiment } = await import(pathToFileURL(path).href) as { default?: Experiment };
  if (experiment?.name === name && typeof experiment.build === "function") return experiment;
  const found = experiment === undefined ? "no default export" : `one called "${experiment.name}"`;
  throw new UserError(
    "usage",
    `Cannot use "${path}": expected its default export to be an experiment called "${name}", found ${found}`,
  );
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
