import { join } from "node:path";
import {
  type Account,
  isQueued,
  JOB_FOLDER,
  type JobFile,
  type JobTask,
  jobTime,
  type QueuedTask,
  readJobFiles,
  readNotes,
  readTaskRecord,
  type RunRecord,
  SlurmClient,
  type TaskNotes,
} from "../pipeline/mod.ts";
import { nameOfRow, progressOf, type StatusRow } from "./status_row.ts";

/** A job, and what it has noted. */
interface Noted {
  file: JobFile;
  task: JobTask;
  notes: TaskNotes;
  record?: RunRecord;
}

/** Jobs, as the queue, accounting and what they note themselves tell. Slurm is asked once, and only where there are jobs. */
export class JobRows {
  #tasks: Promise<Map<string, QueuedTask>> | undefined;

  /** Why accounting says nothing, where there are jobs and it does not. */
  unaccounted: string | undefined;

  /** What is in the queue, has failed or was lost, a row each; what is done, a row for the jobs of a stage. */
  async rows(folder: string): Promise<StatusRow[]> {
    const directory = join(folder, JOB_FOLDER);
    const jobs: Noted[] = [];
    for (const file of await readJobFiles(directory)) {
      for (const task of file.job === undefined ? [] : file.tasks) {
        const notes = await readNotes(directory, file.key, task.id);
        const record = notes.starts > 0 ? await readTaskRecord(directory, file.key, task.id) : undefined;
        jobs.push({ file, task, notes, record });
      }
    }
    return await this.#rowsOf(current(jobs));
  }

  async #rowsOf(jobs: readonly Noted[]): Promise<StatusRow[]> {
    if (jobs.length === 0) return [];
    const client = new SlurmClient({ warn: (message) => console.error(message), signal: new AbortController().signal });
    const isDone = ({ notes }: Noted) => notes.end === 0;
    // a folder of finished jobs can be looked at where there is no Slurm
    const asked = jobs.every(isDone) ? undefined : this.#tasks ??= client.queue().then((tasks) => {
      return new Map(tasks.map((task) => [task.id, task]));
    });
    const queue = await asked;
    const accounts = await client.accounts([...new Set(jobs.map(({ file }) => file.job!))]);
    if (typeof accounts === "string") this.unaccounted = accounts;
    const accountOf = (job: Noted) => typeof accounts === "string" ? undefined : accounts.get(nameOfJob(job));
    const done = Map.groupBy(jobs.filter(isDone), ({ file }) => `${file.experiment} ${file.stage}`);
    return [
      ...[...done.values()].map((made) => rowOfDone(made, accountOf)),
      ...jobs.filter((job) => !isDone(job)).map((job) => rowOf(job, queue?.get(nameOfJob(job)), accountOf(job))),
    ];
  }
}

/** All but what was submitted again later. */
function current(jobs: readonly Noted[]): Noted[] {
  const last = new Map<string, string>();
  for (const { file: { time }, task: { node } } of jobs) if (time > (last.get(node) ?? "")) last.set(node, time);
  return jobs.filter(({ file: { time }, task: { node } }) => time === (last.get(node) ?? ""));
}

function nameOfJob({ file, task }: Noted): string {
  return `${file.job}_${task.id}`;
}

/** A job that is not done. */
function rowOf(job: Noted, queued: QueuedTask | undefined, account: Account | undefined): StatusRow {
  const { file: { experiment, stage }, task: { part, cases }, notes, record } = job;
  const isRunning = queued?.state === "RUNNING";
  const found = record?.stages.findLast((one) => one.stage === stage);
  const word = account?.state ?? queued?.state;
  const state = queued && isQueued(queued)
    ? isRunning ? "running" : `waits: ${queued.reason}`
    : notes.end === undefined
    ? `lost${word ? `: ${word}` : ""}`
    : `failed: exit code ${notes.end}`;
  return {
    experiment,
    what: nameOfRow(stage, part) + (cases === undefined ? "" : `, ${cases} cases`),
    where: `job ${nameOfJob(job)}${notes.node && isRunning ? ` on ${notes.node}` : ""}`,
    state: notes.starts > 1 ? `${state} (start ${notes.starts})` : state,
    ...(isRunning && found && record ? progressOf(found, record) : {}),
    ...costOf(job, account),
    message: notes.end === undefined ? undefined : record?.message,
  };
}

/** The jobs of a stage that are done, and the most that any of them took. */
function rowOfDone(jobs: readonly Noted[], accountOf: (job: Noted) => Account | undefined): StatusRow {
  const [{ file: { experiment, stage } }] = jobs;
  const costs = jobs.map((job) => costOf(job, accountOf(job)));
  const most = (name: "memory" | "seconds") => {
    const known = costs.flatMap((cost) => cost[name] ?? []);
    return known.length > 0 ? Math.max(...known) : undefined;
  };
  const where = jobs.length === 1 ? `job ${nameOfJob(jobs[0])}` : `${jobs.length} jobs, the most of any`;
  return {
    ...costs.at(-1),
    experiment,
    what: stage,
    where,
    state: "done",
    memory: most("memory"),
    seconds: most("seconds"),
  };
}

/** What a job takes, of what was asked for. */
function costOf({ file, record }: Noted, account: Account | undefined): Partial<StatusRow> {
  const memoryAsked = (account?.memoryAsked ?? file.mem)?.replace(/^\d+$/, "$&M"); // Slurm's unit
  const secondsAsked = account?.secondsAsked ?? (file.limit === undefined ? undefined : jobTime(file.limit));
  const seconds = account?.seconds ?? (record && (Date.parse(record.lastTime) - Date.parse(record.startTime)) / 1000);
  const memory = account?.memory ?? record?.memory;
  return { memory, memoryAsked, seconds, secondsAsked, source: account ? "sacct" : "job" };
}
