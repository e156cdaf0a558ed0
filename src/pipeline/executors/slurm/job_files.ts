import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { writeWhole } from "../../../disk.ts";
import type { RunRecord } from "../../run_record_data.ts";

/** What is known of an array that was submitted: `WORK/EXPERIMENT/slurm/KEY.json`, written before it is. */
export interface JobFile {
  /** Key of the array; the job is called `dfdt-KEY`. */
  key: string;
  /** Name of the experiment. */
  experiment: string;
  /** Name of the stage. */
  stage: string;
  /** Number of the job; none where whoever submitted it did not come to write it. */
  job?: string;
  /** When it was submitted; the same for all that was submitted together. */
  time: string;
  /** Memory that was asked for. */
  mem?: string;
  /** Time that was asked for. */
  limit?: string;
  /** Its jobs. */
  tasks: JobTask[];
}

/** A job of an array. */
export interface JobTask {
  /** Its number. */
  id: number;
  /** Name of its node before it is made. */
  node: string;
  /** Which of several runs it belongs to. */
  part?: string;
  /** How many cases it makes, if it makes some only. */
  cases?: number;
}

/** How a job stands, as it notes itself. */
export interface TaskNotes {
  /** Exit code that it ended with for good. */
  end?: number;
  /** How often it was started. */
  starts: number;
  /** Where it is, or was last. */
  node?: string;
}

/** Folder of an experiment's jobs. */
export const JOB_FOLDER = "slurm";

const KEY_FILE = /^[0-9a-f]{24}\.json$/;

/** All arrays that were submitted in a folder. */
export async function readJobFiles(folder: string): Promise<JobFile[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => KEY_FILE.test(name)).sort();
  const files = await Promise.all(
    names.map((name) => readFile(join(folder, name), "utf8").then(JSON.parse).catch(() => undefined)),
  );
  return files.filter((file) => file !== undefined);
}

/** Writes what is known of an array, whole. */
export async function writeJobFile(folder: string, file: JobFile): Promise<void> {
  await writeWhole(join(folder, `${file.key}.json`), JSON.stringify(file, undefined, 1) + "\n");
}

/** Forgets an array that was not submitted after all. */
export async function forgetJobFile(folder: string, key: string): Promise<void> {
  await rm(join(folder, `${key}.json`), { force: true });
}

/** Forgets what a job noted, since it is submitted anew. */
export async function forgetNotes(folder: string, key: string, task: number): Promise<void> {
  for (const name of [`${key}.${task}.tries`, `${key}.${task}.json`]) await rm(join(folder, name), { force: true });
}

/** What a job has noted. */
export async function readNotes(folder: string, key: string, task: number): Promise<TaskNotes> {
  const text = await readFile(join(folder, `${key}.${task}.tries`), "utf8").catch(() => "");
  const lines = text.split("\n").filter((line) => line !== "");
  const starts = lines.filter((line) => line.startsWith("start "));
  const end = /^end (\d+)$/.exec(lines.at(-1) ?? "");
  return { end: end ? Number(end[1]) : undefined, starts: starts.length, node: starts.at(-1)?.slice("start ".length) };
}

/** What the process of a job says of itself. */
export async function readTaskRecord(folder: string, key: string, task: number): Promise<RunRecord | undefined> {
  return await readFile(join(folder, `${key}.${task}.json`), "utf8").then(JSON.parse).catch(() => undefined);
}

/** Nodes of the cluster that failed under a job. */
export async function failedNodes(folder: string): Promise<string[]> {
  const text = await readFile(join(folder, "failed-nodes"), "utf8").catch(() => "");
  return [...new Set(text.split("\n").filter((name) => name !== ""))].sort();
}
