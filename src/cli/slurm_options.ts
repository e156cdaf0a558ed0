import { Option } from "@commander-js/extra-typings";
import { UserError } from "../errors.ts";
import type { Node, Resources } from "../pipeline/mod.ts";
import type { Experiment } from "../../experiments/common/experiment.ts";
import { wholeNumber } from "./whole_number.ts";

/** What can be asked for, and what it is called. */
const ABOUT = {
  partition: "partition",
  account: "account",
  qos: "quality of service",
  time: "time limit, as Slurm writes it",
  mem: "memory",
  cpus: "cores of a job",
  gpus: "GPUs of a job of the stages that compute on one",
  constraint: "features of the nodes",
  exclude: "nodes that are left out",
  arrayLimit: "jobs of an array that run at a time",
  extra: "options of sbatch as they are",
} as const satisfies Record<keyof Resources, string>;

type Name = keyof Resources;

const NAMES = Object.keys(ABOUT) as Name[];

/** `--slurm-NAME`, each for all stages or, as STAGE=VALUE, for one; may be repeated. */
export function slurmOptions(): Option[] {
  return NAMES.map((name) => {
    return new Option(`--slurm-${dashed(name)} <[stage=]value>`, `with --executor slurm: ${ABOUT[name]}`)
      .argParser((text: string, list: string[] | undefined) => [...list ?? [], text]);
  });
}

function dashed(name: Name): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** Cores of a job unless said otherwise: cases are made side by side, training has a host side. */
const CORES = { byCase: "4", adapter: "2", other: "1" } as const;

/**
 * What the jobs of each node ask for: by flag, by `DFDT_SLURM_NAME`, by the experiment, or by default; what is said for a stage
 * goes before what is said for all.
 *
 * @param options as commander gives them: `slurmPartition` and so on
 * @throws {UserError} for a stage that there is not, or a number that is none
 */
export function resourcesOfStages(
  options: Readonly<Record<string, unknown>>,
  { env, experiments, stages }: {
    env: Readonly<Record<string, string>>;
    experiments: readonly Experiment[];
    stages: ReadonlySet<string>;
  },
): (node: Node) => Resources {
  const sources = NAMES.flatMap((name) => {
    const flag = `--slurm-${dashed(name)}`, variable = `DFDT_SLURM_${dashed(name).replace("-", "_").toUpperCase()}`;
    const typed = options[`slurm${name[0].toUpperCase()}${name.slice(1)}`] as string[] | undefined;
    const given = env[variable] ? env[variable].split(";") : [];
    return [
      ...(typed ?? []).map((text) => ({ name, rank: 0, ...said(text, name, stages, flag) })),
      ...given.map((text) => ({ name, rank: 1, ...said(text, name, stages, variable) })),
    ];
  });
  return ({ stage, byCase, experiment }) => {
    const own = experiments.find(({ name }) => name === experiment)?.slurm ?? {};
    const cpus = stage.usesAdapter ? CORES.adapter : byCase ? CORES.byCase : CORES.other;
    const resources: Resources = { cpus, ...(stage.usesAdapter ? { gpus: "1" } : {}), ...own[""], ...own[stage.name] };
    const matching = sources.filter((one) => one.stage === undefined || one.stage === stage.name);
    // the last to say something wins: what is said for a stage, and flags before variables
    matching.sort((a, b) => Number(a.stage !== undefined) - Number(b.stage !== undefined) || b.rank - a.rank);
    for (const { name, value, stage: one } of matching) {
      if (name !== "gpus" || stage.usesAdapter || one !== undefined) resources[name] = value;
    }
    return resources;
  };
}

function said(
  text: string,
  name: Name,
  stages: ReadonlySet<string>,
  source: string,
): { stage?: string; value: string } {
  const at = text.indexOf("=");
  const word = text.slice(0, Math.max(0, at));
  const isStage = at > 0 && (stages.has(word) || name !== "extra" && /^[a-z]+$/.test(word));
  if (isStage && !stages.has(word)) {
    throw new UserError(
      "usage",
      `Unknown stage "${word}" of ${source} "${text}": expected one of ${[...stages].join(", ")}`,
    );
  }
  const value = isStage ? text.slice(at + 1) : text;
  if (value === "" || value.includes("\n")) {
    throw new UserError("usage", `Cannot use ${source} "${text}": expected a value`);
  }
  if (name === "cpus" || name === "arrayLimit") wholeNumber(value, source, [1, 100000]);
  if (name === "gpus") wholeNumber(value, source, [0, 64]);
  return { stage: isStage ? word : undefined, value };
}
