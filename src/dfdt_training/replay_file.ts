import { join, relative, resolve } from "node:path";
import { writeFile } from "../disk.ts";
import { UserError } from "../errors.ts";
import { type TrainingInputs, type TrainingParameters, trainingParameters } from "./training_parameters.ts";

/** In the folder of an unfinished training: what it was started with. */
export const REPLAY_FILE = "replay.json";

type Paths = string | { [id: string]: Paths };

function mapPaths(paths: Paths, change: (path: string) => string): Paths {
  if (typeof paths === "string") return change(paths);
  return Object.fromEntries(Object.entries(paths).map(([id, inner]) => [id, mapPaths(inner, change)]));
}

/** Keeps what a training was started with, the paths relative to its folder, so that its steps can be made again. */
export async function writeReplay(dir: string, inputs: TrainingInputs, params: TrainingParameters): Promise<void> {
  const given = JSON.parse(JSON.stringify(inputs)) as Paths; // without those that are undefined
  const paths = mapPaths(given, (path) => relative(resolve(dir), resolve(path)));
  await writeFile(join(dir, REPLAY_FILE), JSON.stringify({ inputs: paths, params }, undefined, 1) + "\n");
}

/**
 * Reads what an unfinished training was started with.
 *
 * @throws {UserError} if the folder is not that of one
 */
export async function readReplay(dir: string): Promise<{ inputs: TrainingInputs; params: TrainingParameters }> {
  const path = join(dir, REPLAY_FILE);
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch {
    throw new UserError(
      "usage",
      `Cannot replay "${dir}": expected the folder of a training that is not finished, WORK/EXPERIMENT/train/KEY.partial, ` +
        `found no "${REPLAY_FILE}" in it`,
    );
  }
  const { inputs, params: stored } = JSON.parse(text);
  const paths = mapPaths(inputs, (path) => resolve(dir, path)) as unknown as TrainingInputs;
  return { inputs: paths, params: trainingParameters.parse(stored) };
}
