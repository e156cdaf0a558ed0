import { resolve } from "node:path";
import type { Node } from "../pipeline/mod.ts";
import type { RunChoices } from "./run_choices.ts";
import type { Member } from "./study_graph.ts";

/** What of a command's choices decides about what is made. */
export type WholeCommand =
  & Pick<RunChoices, "data" | "work" | "preset" | "setting" | "protocol" | "fold" | "seed" | "set" | "weights">
  & Pick<RunChoices, "adapter" | "wait">
  & { experiments: readonly string[] };

/**
 * The arguments of the command that a person would type to make one node's artifact and whatever of its inputs is missing. All
 * paths are absolute, and nothing is left to defaults.
 *
 * @param member the smallest run that has the node; without it all runs of the command
 * @param options.forced makes the artifact again although it is there
 * @param options.cases makes only these of a stage that works case by case
 */
export function commandOf(
  { stage, experiment }: Node,
  member: Member | undefined,
  { command, forced, cases = [] }: { command: WholeCommand; forced: boolean; cases?: readonly string[] },
): string[] {
  const { data, work, set, weights, adapter, wait, experiments } = command;
  const several = experiments.length > 1;
  const values = member
    ? {
      preset: member.preset,
      setting: String(member.setting),
      protocol: member.protocol,
      fold: member.folds.join(","),
      seed: String(member.seed),
    }
    : command;
  const { preset, setting, protocol, fold, seed } = values;
  const ofSeveral = (dir: string) => member && several ? resolve(dir, experiment) : resolve(dir);
  const options: Record<string, string | undefined> = {
    data: data === undefined ? undefined : ofSeveral(data),
    work: resolve(work),
    ...{ preset, setting, protocol, fold, seed },
    weights: weights === undefined ? undefined : resolve(weights),
    adapter,
  };
  return [
    ...["pipeline", ...(member ? [experiment] : experiments)],
    ...Object.entries(options).flatMap(([name, value]) => value === undefined ? [] : [`--${name}`, value]),
    ...(member ? member.settings : set).flatMap((setting) => ["--set", setting]),
    ...["--until", stage.name],
    ...cases.flatMap((id) => ["--case", id]),
    ...(forced ? ["--from", stage.name] : []),
    ...(wait ? [] : ["--no-wait"]),
  ];
}
