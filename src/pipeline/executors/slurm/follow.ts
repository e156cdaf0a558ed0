import { join } from "node:path";
import { UserError } from "../../../errors.ts";
import type { PipelineEvent, Reporter } from "../../events.ts";
import type { Node } from "../../graph.ts";
import { Interrupted } from "../../stage.ts";
import { isQueued, type QueuedTask, type SlurmClient } from "./client.ts";
import { type JobFile, readNotes, readTaskRecord } from "./job_files.ts";

/** A job that makes a node, or some of its cases. */
export interface FollowedJob {
  /** What is known of its array. */
  file: JobFile;
  /** Its number there. */
  task: number;
}

/** How a node's jobs ended. */
export interface Outcome {
  node: Node;
  /** The worst of their exit codes; none where one was lost, cancelled, or never ran. */
  code?: number;
  /** Why it failed. */
  message?: string;
  /** The job of it that somebody cancelled. */
  cancelled?: string;
}

/** What {@link followJobs} needs to know. */
export interface FollowOptions {
  /** Asks for the queue. */
  client: Pick<SlurmClient, "queue">;
  /** Is told how they come along. */
  reporter: Reporter;
  /** Aborted when the user interrupts. */
  signal: AbortSignal;
  /** Folder of the jobs of a node's experiment. */
  folderOf(node: Node): string;
  /** Milliseconds between two looks at the queue. */
  pollMs?: number;
}

/** A shared controller is not asked oftener. */
const POLL_MS = 3000;

/** Reasons that do not go away by waiting. */
const STUCK =
  /held|^BadConstraints|^PartitionConfig|^Partition(?:Time|Node)Limit|^Invalid(?:Account|QOS)|^(?:Account|QOS)NotAllowed/i;

/** Waits until no job of some nodes is in the queue, and tells how they come along. */
export async function followJobs(
  jobs: ReadonlyMap<Node, readonly FollowedJob[]>,
  { client, reporter, signal, folderOf, pollMs = POLL_MS }: FollowOptions,
): Promise<Outcome[]> {
  const told = new Map<Node, string>(), begun = new Map<Node, number>();
  const gone = new Set<Node>(), stuck = new Set<string>();
  const outcomes: Outcome[] = [];
  const left = new Map(jobs);
  while (left.size > 0) {
    signal.throwIfAborted();
    const queue = new Map((await client.queue()).map((task) => [task.id, task]));
    for (const [node, own] of left) {
      const { stage: { name: stage }, part } = node;
      const tasks = own.flatMap(({ file, task }) => queue.get(`${file.job}_${task}`) ?? []);
      if (tasks.some(({ state }) => state === "RUNNING") && !begun.has(node)) {
        begun.set(node, performance.now());
        reporter.report({ event: "start", stage, part });
      }
      const progress = begun.has(node) ? await progressOf(node, own, folderOf(node)) : undefined;
      if (progress && JSON.stringify(progress) !== told.get(node)) {
        told.set(node, JSON.stringify(progress));
        reporter.report({ event: "progress", stage, part, ...progress });
      }
      for (const { id, state, reason } of tasks) {
        if (state !== "PENDING" || !STUCK.test(reason) || stuck.has(`${stage} ${reason}`)) continue;
        stuck.add(`${stage} ${reason}`);
        const message = `Slurm does not start ${inWords(node)}: ${reason}; scontrol show job ${id} says more`;
        reporter.report({ event: "warning", stage, part, message });
      }
      if (tasks.some(isQueued)) {
        gone.delete(node);
        continue;
      }
      const outcome = await outcomeOf(node, own, { folder: folderOf(node), tasks });
      // what is put back into the queue is between two states for a moment
      if (outcome.code === undefined && !gone.has(node)) {
        gone.add(node);
        continue;
      }
      left.delete(node);
      outcomes.push(outcome);
      const now = performance.now();
      const seconds = (now - (begun.get(node) ?? now)) / 1000;
      if (outcome.code === 0) reporter.report({ event: "done", stage, part, seconds });
      else if (outcome.code !== undefined) reporter.report({ event: "error", stage, part, message: outcome.message });
    }
    if (left.size > 0) await pause(pollMs, signal);
  }
  return outcomes;
}

/** How far the jobs of a node are, all together. */
async function progressOf(
  node: Node,
  jobs: readonly FollowedJob[],
  folder: string,
): Promise<Pick<PipelineEvent, "done" | "total" | "unit"> | undefined> {
  const stages = await Promise.all(jobs.map(async ({ file, task }) => {
    const record = await readTaskRecord(folder, file.key, task);
    return record?.stages.findLast(({ stage, done }) => stage === node.stage.name && done !== undefined);
  }));
  const known = stages.filter((stage) => stage !== undefined);
  if (known.length === 0) return undefined;
  const done = known.reduce((sum, stage) => sum + stage.done!, 0);
  const total = node.byCase ? node.ids!.length : known[0].total;
  return { done: Math.min(done, total ?? done), total, unit: known[0].unit as PipelineEvent["unit"] };
}

/** How the jobs of a node ended, by what they noted and, where they could not, by what Slurm still knows of them. */
async function outcomeOf(
  node: Node,
  jobs: readonly FollowedJob[],
  { folder, tasks }: { folder: string; tasks: readonly QueuedTask[] },
): Promise<Outcome> {
  const ends = await Promise.all(jobs.map(async ({ file, task }) => {
    const { end } = await readNotes(folder, file.key, task);
    const record = await readTaskRecord(folder, file.key, task);
    const id = `${file.job}_${task}`, known = tasks.find((one) => one.id === id);
    const log = join(folder, `${id}.log`);
    if (end === undefined && known?.state === "OUT_OF_MEMORY") {
      const asked = file.mem === undefined ? "" : `, ${file.mem},`;
      const message = `Slurm ended it for want of memory; ask for more than it had${asked} by --slurm-mem`;
      return { code: 1, message, log };
    }
    const isCancelled = end === undefined && known?.state === "CANCELLED" && !/^Dependency/.test(known.reason);
    return { code: end, message: record?.message, log, cancelled: isCancelled ? id : undefined };
  }));
  const failed = ends.find(({ code }) => code !== undefined && code !== 0);
  if (failed) return { node, code: failed.code, message: `${failed.message ?? "no word of why"} (${failed.log})` };
  const cancelled = ends.find((one) => one.cancelled !== undefined)?.cancelled;
  return { node, code: ends.every(({ code }) => code === 0) ? 0 : undefined, cancelled };
}

function inWords({ stage: { name }, part }: Node): string {
  return part ? `${name} (${part})` : name;
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal.addEventListener("abort", end);
  });
}

/** The error that outcomes come to; none where nothing failed, and nobody cancelled a job. */
export function errorOfOutcomes(outcomes: readonly Outcome[]): Error | undefined {
  const failed = outcomes.filter(({ code }) => code !== undefined && code !== 0);
  if (failed.length > 0) {
    const [{ node, code, message }] = failed;
    const others = failed.length > 1 ? `; ${failed.length - 1} more failed` : "";
    const text = `${inWords(node)}: ${message}${others}`;
    return code === 2 || code === 3 ? new UserError(code === 3 ? "adapter" : "data", text) : new Error(text);
  }
  const cancelled = outcomes.filter((one) => one.cancelled !== undefined);
  if (cancelled.length === 0) return undefined;
  const [first, ...others] = cancelled.map(({ node, cancelled }) => `${inWords(node)}, job ${cancelled}`);
  const more = others.length > 0 ? ` and ${others.length} more` : "";
  return new Interrupted(`Cancelled in Slurm: ${first}${more}. The same command submits again what is not made`);
}
