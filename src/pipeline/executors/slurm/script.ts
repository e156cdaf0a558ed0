import type { JobArray } from "./arrays.ts";
import policy from "./job.sh" with { type: "text" };

/** What every script ends with: what a job does with signals and exit codes. */
export const POLICY = policy;

/** The file that it comes from. */
export const POLICY_FILE = "src/pipeline/executors/slurm/job.sh";

/** What a job asks of the cluster. */
export interface Resources {
  partition?: string;
  account?: string;
  qos?: string;
  /** As Slurm writes it: `30`, `1:00:00`, `2-00`. */
  time?: string;
  mem?: string;
  cpus?: string;
  gpus?: string;
  constraint?: string;
  exclude?: string;
  /** Jobs of an array that run at a time. */
  arrayLimit?: string;
  /** Options as Slurm has them. */
  extra?: string;
}

/** Seconds before the end of its time at which a job is warned, unless that is a large part of it. */
const LEAD_SECONDS = 120;

/** What {@link scriptOf} needs to know. */
export interface ScriptOptions {
  /** What it asks for. */
  resources: Resources;
  /** Command of each task. */
  commands: readonly (readonly string[])[];
  /** Folder of logs and of what is known of the jobs; absolute. */
  folder: string;
  /** Where it runs; absolute. */
  cwd: string;
}

/** The batch script of an array. */
export function scriptOf(array: JobArray, { resources, commands, folder, cwd }: ScriptOptions): string {
  const { time, exclude, arrayLimit, extra, gpus, cpus, ...others } = resources;
  const lead = leadSeconds(time);
  const options: (string | undefined)[] = [
    `--job-name=${jobName(array)}`,
    `--comment=${quoted(`${array.experiment} ${array.stage}`)}`,
    `--array=${numbers(array.tasks.map(({ id }) => id))}${arrayLimit ? `%${arrayLimit}` : ""}`,
    `--chdir=${quoted(cwd)}`,
    `--output=${quoted(`${folder.replaceAll("%", "%%")}/%A_%a.log`)}`,
    "--open-mode=append",
    "--requeue",
    `--signal=B:USR2@${lead}`,
    "--kill-on-invalid-dep=yes",
    ...Object.entries(others).map(([name, value]) => value && `--${name}=${quoted(value)}`),
    time && `--time=${time}`,
    cpus && `--cpus-per-task=${cpus}`,
    gpus && gpus !== "0" ? `--gres=gpu:${gpus}` : undefined,
    exclude && `--exclude=${exclude}`,
    extra,
  ];
  return [
    "#!/bin/bash",
    ...options.flatMap((option) => option ? [`#SBATCH ${option}`] : []),
    "case $SLURM_ARRAY_TASK_ID in",
    ...array.tasks.map(({ id }, at) => `${id}) command=(${commands[at].map(shellWord).join(" ")}) ;;`),
    "esac",
    `base=${shellWord(`${folder}/${array.key}`)}.$SLURM_ARRAY_TASK_ID`,
    `lead=${lead}`,
    `failed_nodes=${shellWord(`${folder}/failed-nodes`)}`,
    `excluded=${shellWord(exclude ?? "")}`,
    "",
    policy,
  ].join("\n");
}

/** Name of an array's job. */
export function jobName({ key }: Pick<JobArray, "key">): string {
  return `dfdt-${key}`;
}

/** A word as a shell reads it. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `"${text.replaceAll('"', '\\"')}"`;
}

/** `0-4`, `0,2,5-7`. */
function numbers(ids: readonly number[]): string {
  const sorted = [...ids].sort((a, b) => a - b);
  const runs: [number, number][] = [];
  for (const id of sorted) {
    const last = runs.at(-1);
    if (last && last[1] === id - 1) last[1] = id;
    else runs.push([id, id]);
  }
  return runs.map(([first, last]) => first === last ? `${first}` : `${first}-${last}`).join(",");
}

/** Of a short time a third, in which a step and its snapshot should be done. */
function leadSeconds(time: string | undefined): number {
  const seconds = time === undefined ? undefined : secondsOf(time);
  return seconds === undefined ? LEAD_SECONDS : Math.max(1, Math.min(LEAD_SECONDS, Math.floor(seconds / 3)));
}

/** A time limit as Slurm writes it (sbatch(1), --time); `undefined` for words. */
export function secondsOf(time: string): number | undefined {
  const match = /^(?:(\d+)-)?(\d+)(?::(\d+))?(?::(\d+))?$/.exec(time);
  if (!match) return undefined;
  const [days, ...parts] = match.slice(1).map((part) => part === undefined ? undefined : Number(part));
  const [a = 0, b, c] = parts;
  if (days !== undefined) return ((days * 24 + a) * 60 + (b ?? 0)) * 60 + (c ?? 0);
  return b === undefined ? a * 60 : c === undefined ? a * 60 + b : (a * 60 + b) * 60 + c;
}
