import { settingsOf } from "../pipeline/mod.ts";
import type { Choices, Experiment } from "../../experiments/common/experiment.ts";
import { experimentNames, loadExperiment } from "./experiments.ts";

/** What the help of a task with an experiment ends with: what `--set` can change, and else which experiments there are. */
export async function settingsHelp(args: readonly string[]): Promise<string> {
  if (!args.some((arg) => arg === "--help" || arg === "-h")) return "";
  const names = await experimentNames();
  const name = args.find((arg) => names.includes(arg));
  if (name) return `\n${describeSettings(await loadExperiment(name), presetOf(args))}`;
  const lines = await Promise.all(names.map(async (one) => `  ${one.padEnd(10)} ${(await loadExperiment(one)).about}`));
  return `\nExperiments (with its name before --help, what --set can change is listed):\n${lines.join("\n")}`;
}

function presetOf(args: readonly string[]): Choices["preset"] | undefined {
  const given = args.find((arg, i) => args[i - 1] === "--preset" || arg.startsWith("--preset="))?.replace(
    "--preset=",
    "",
  );
  return (["paper", "laptop", "tiny"] as const).find((preset) => preset === given);
}

/** Every key of `--set`, with what it may be, its default under a preset, and its meaning. */
export function describeSettings(experiment: Experiment, preset: Choices["preset"] = experiment.defaultPreset): string {
  const choices: Choices = { preset, setting: 1, protocol: "published", fold: 0, seed: 2023, data: "" };
  const defaults = experiment.schema.parse(experiment.defaults(choices));
  const lines = settingsOf(experiment.schema).map(({ key, type, about }) => {
    const value = key.split(".").reduce<unknown>((node, part) => (node as Record<string, unknown>)[part], defaults);
    return `  ${key}=${JSON.stringify(value)}\n      ${about} (${type})`;
  });
  return `What --set changes in "${experiment.name}", with its values under --preset ${preset}:\n${lines.join("\n")}`;
}
