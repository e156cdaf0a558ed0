import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { UserError } from "../../../errors.ts";
import type { PipelineEvent, Reporter } from "../../events.ts";
import type { Node } from "../../graph.ts";
import type { NodeState } from "../../plan.ts";
import { lockArtifact } from "../../store.ts";
import { arraysOf, type JobArray, type Made, type Place } from "./arrays.ts";
import { isQueued, SlurmClient } from "./client.ts";
import {
  failedNodes,
  forgetNotes,
  JOB_FOLDER,
  type JobFile,
  readJobFiles,
  readNotes,
  readTaskRecord,
  type TaskNotes,
  writeJobFile,
} from "./job_files.ts";
import { jobName, POLICY, POLICY_FILE, type Resources, scriptOf } from "./script.ts";

/** How a graph is run on a cluster. */
export interface SlurmOptions {
  /** The working directory. */
  work: string;
  /** Is told what happens. */
  reporter: Reporter;
  /** Aborted when the user interrupts. */
  signal: AbortSignal;
  /** What the jobs of a node ask for. */
  resourcesOf(node: Node): Resources;
  /** Program and arguments that make a node, or some of its cases. */
  commandOf(node: Node, cases?: readonly string[]): readonly string[];
  /** Name of a node: {@link planKeys}. */
  keyOf(node: Node): string;
}

/** What a submission came to. */
export interface Submitted {
  /** Jobs that were submitted now. */
  submitted: string[];
  /** Jobs that were in the queue already. */
  attached: string[];
}

/** How a node's jobs ended. */
export interface Outcome {
  node: Node;
  /** The worst of their exit codes; none where one was lost, or never ran. */
  code?: number;
  /** Why it failed. */
  message?: string;
}

/** Cases that a job makes one after the other, or side by side on its cores. */
const CASES_OF_JOB = 4;

/** Milliseconds between two looks at the queue. */
const POLL_MS = 3000;

/** Has the stages of a graph made by jobs of Slurm. */
export class SlurmExecutor {
  readonly #options: SlurmOptions;
  readonly #client: SlurmClient;
  /** Jobs of the nodes that are being made, by node. */
  readonly #jobs = new Map<Node, { file: JobFile; task: number }[]>();

  /** @param options how the graph is run */
  constructor(options: SlurmOptions) {
    this.#options = options;
    const { reporter, signal } = options;
    this.#client = new SlurmClient({ warn: (message) => reporter.report({ event: "warning", message }), signal });
  }

  /** The scripts that would be submitted, with the jobs that each waits for by name, and without what is the same in all. */
  async scripts(states: readonly NodeState[]): Promise<string[]> {
    const arrays = this.#arraysOf(states, new Map());
    return await Promise.all(arrays.map(async (array) => {
      const script = await this.#scriptOf(array);
      const waits = dependencies(array, (made) => typeof made === "string" ? made : jobName(made));
      const said = waits.map((wait) => `# sbatch ${wait}\n`).join("");
      return script.replace("#!/bin/bash\n", `#!/bin/bash\n${said}`).replace(POLICY, `# ${POLICY_FILE} follows\n`);
    }));
  }

  /** Submits what is to be made and is not in the queue. */
  async submit(states: readonly NodeState[]): Promise<Submitted> {
    const { work } = this.#options;
    await using _lock = await lockArtifact(join(work, ".slurm"), (holder) => {
      this.#options.reporter.report({
        event: "warning",
        message: `${holder} is submitting jobs of "${work}"; waiting for it`,
      });
    });
    const queued = await this.#queued(states);
    const arrays = this.#arraysOf(states, queued);
    const jobs = new Map<JobArray, string>();
    try {
      for (const array of arrays) jobs.set(array, await this.#submit(array, jobs));
    } catch (error) {
      await this.#client.cancel([...jobs.values()]);
      throw error;
    }
    const attached = new Set([...queued.values()].flat().map(({ array }) => array as string));
    return { submitted: [...jobs.values()], attached: [...attached] };
  }

  /** Waits until no job of the graph is in the queue, and tells how they come along. */
  async follow(): Promise<Outcome[]> {
    const { signal, reporter } = this.#options;
    const told = new Map<Node, string>(), begun = new Map<Node, number>();
    const outcomes: Outcome[] = [];
    const left = new Map(this.#jobs);
    while (left.size > 0) {
      signal.throwIfAborted();
      const queue = new Map((await this.#client.queue()).map((task) => [task.id, task]));
      for (const [node, jobs] of left) {
        const { stage: { name: stage }, part } = node;
        const ids = jobs.map(({ file, task }) => queue.get(`${file.job}_${task}`));
        if (ids.some((task) => task?.state === "RUNNING") && !begun.has(node)) {
          begun.set(node, performance.now());
          reporter.report({ event: "start", stage, part });
        }
        const progress = begun.has(node) ? await this.#progressOf(node, jobs) : undefined;
        if (progress && JSON.stringify(progress) !== told.get(node)) {
          told.set(node, JSON.stringify(progress));
          reporter.report({ event: "progress", stage, part, ...progress });
        }
        if (ids.some((task) => task && isQueued(task))) continue;
        left.delete(node);
        const outcome = await this.#outcomeOf(node, jobs);
        outcomes.push(outcome);
        const now = performance.now();
        const seconds = (now - (begun.get(node) ?? now)) / 1000;
        if (outcome.code === 0) reporter.report({ event: "done", stage, part, seconds });
        else if (outcome.code !== undefined) reporter.report({ event: "error", stage, part, message: outcome.message });
      }
      if (left.size > 0) await pause(signal);
    }
    return outcomes;
  }

  /** Nodes to be made that jobs in the queue make. */
  async #queued(states: readonly NodeState[]): Promise<Map<Node, Place[]>> {
    const { keyOf } = this.#options;
    const byKey = new Map(states.filter(({ status }) => status !== "cached").map(({ node }) => [keyOf(node), node]));
    const tasks = (await this.#client.queue()).filter(isQueued);
    const inQueue = new Set(tasks.map(({ id }) => id));
    const queued = new Map<Node, Place[]>();
    for (const folder of new Set(states.map(({ node }) => this.#folderOf(node)))) {
      for (const file of await readJobFiles(folder)) {
        if (file.job === undefined) { // whoever submitted it did not come to write its number
          file.job = tasks.find(({ name }) => name === jobName(file))?.id.split("_")[0];
          if (file.job === undefined) continue;
          await writeJobFile(folder, file);
        }
        for (const { id, node: key } of file.tasks) {
          const node = byKey.get(key);
          if (!node || !inQueue.has(`${file.job}_${id}`)) continue;
          queued.set(node, [...queued.get(node) ?? [], { array: file.job, task: id }]);
          this.#note(node, { file, task: id });
        }
      }
    }
    return queued;
  }

  #note(node: Node, job: { file: JobFile; task: number }): void {
    this.#jobs.set(node, [...this.#jobs.get(node) ?? [], job]);
  }

  #arraysOf(states: readonly NodeState[], queued: ReadonlyMap<Node, readonly Place[]>): JobArray[] {
    const nodes = states.filter(({ node, status }) => status !== "cached" && !queued.has(node)).map(({ node }) => node);
    return arraysOf(nodes, { keyOf: this.#options.keyOf, queued, casesOfJob: CASES_OF_JOB });
  }

  #folderOf({ experiment }: Pick<Node, "experiment">): string {
    return resolve(this.#options.work, experiment, JOB_FOLDER);
  }

  async #scriptOf(array: JobArray): Promise<string> {
    const { resourcesOf, commandOf } = this.#options;
    const folder = this.#folderOf(array);
    const resources = resourcesOf(array.tasks[0].node);
    const failed = await this.#worseNodes(folder, resources.partition);
    return scriptOf(array, {
      resources: { ...resources, exclude: [...resources.exclude ? [resources.exclude] : [], ...failed].join(",") },
      commands: array.tasks.map(({ node, cases }) => commandOf(node, cases)),
      folder,
      cwd: Deno.cwd(),
    });
  }

  /** Nodes that failed under a job, unless there is no other one. */
  async #worseNodes(folder: string, partition: string | undefined): Promise<string[]> {
    const failed = await failedNodes(folder);
    if (failed.length === 0) return [];
    const nodes = await this.#client.nodes(partition);
    return nodes.some((name) => !failed.includes(name)) ? failed : [];
  }

  async #submit(array: JobArray, jobs: ReadonlyMap<JobArray, string>): Promise<string> {
    const { key, experiment, stage } = array;
    const { keyOf, resourcesOf } = this.#options;
    const folder = this.#folderOf(array);
    await mkdir(folder, { recursive: true });
    const tasks = array.tasks.map(({ id, node, cases }) => ({
      id,
      node: keyOf(node),
      part: node.part,
      cases: cases?.length,
    }));
    const { mem, time: limit } = resourcesOf(array.tasks[0].node);
    const file: JobFile = { key, experiment, stage, time: new Date().toISOString(), mem, limit, tasks };
    for (const { id } of tasks) await forgetNotes(folder, key, id);
    await writeJobFile(folder, file);
    file.job = await this.#client.submit({
      name: jobName(array),
      script: await this.#scriptOf(array),
      options: dependencies(array, (made) => typeof made === "string" ? made : jobs.get(made)!),
    });
    await writeJobFile(folder, file);
    for (const { node, id } of array.tasks) this.#note(node, { file, task: id });
    return file.job;
  }

  /** How far the jobs of a node are, all together. */
  async #progressOf(
    node: Node,
    jobs: readonly { file: JobFile; task: number }[],
  ): Promise<Pick<PipelineEvent, "done" | "total" | "unit"> | undefined> {
    const folder = this.#folderOf(node);
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

  async #outcomeOf(node: Node, jobs: readonly { file: JobFile; task: number }[]): Promise<Outcome> {
    const folder = this.#folderOf(node);
    const ends = await Promise.all(jobs.map(async ({ file, task }) => {
      const notes: TaskNotes = await readNotes(folder, file.key, task);
      const record = await readTaskRecord(folder, file.key, task);
      return { code: notes.end, message: record?.message, log: join(folder, `${file.job}_${task}.log`) };
    }));
    const failed = ends.find(({ code }) => code !== undefined && code !== 0);
    if (failed) return { node, code: failed.code, message: `${failed.message ?? "no word of why"} (${failed.log})` };
    return { node, code: ends.every(({ code }) => code === 0) ? 0 : undefined };
  }
}

/** The options of `sbatch` that say what an array waits for. */
function dependencies({ follows, after }: JobArray, idOf: (made: Made) => string): string[] {
  const words = [
    ...(follows ? [`aftercorr:${idOf(follows)}`] : []),
    ...after.map(({ array, tasks }) => {
      const id = idOf(array);
      return `afterok:${tasks ? tasks.map((task) => `${id}_${task}`).join(":") : id}`;
    }),
  ];
  return words.length > 0 ? [`--dependency=${words.join(",")}`] : [];
}

async function pause(signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, POLL_MS);
    signal.addEventListener("abort", end);
  });
}

/** The error that outcomes come to; none where nothing failed. */
export function errorOfOutcomes(outcomes: readonly Outcome[]): Error | undefined {
  const failed = outcomes.filter(({ code }) => code !== undefined && code !== 0);
  if (failed.length === 0) return undefined;
  const [{ node: { stage: { name }, part }, code, message }] = failed;
  const others = failed.length > 1 ? `; ${failed.length - 1} more failed` : "";
  const text = `${part ? `${name} (${part})` : name}: ${message}${others}`;
  return code === 2 || code === 3 ? new UserError(code === 3 ? "adapter" : "data", text) : new Error(text);
}
