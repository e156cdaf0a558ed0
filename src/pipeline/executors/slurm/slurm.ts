import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Reporter } from "../../events.ts";
import type { Node } from "../../graph.ts";
import type { NodeState } from "../../plan.ts";
import { lockArtifact } from "../../store.ts";
import { arraysOf, type JobArray, type Made, type Place } from "./arrays.ts";
import { isQueued, MOST_TASKS, type QueuedTask, SlurmClient } from "./client.ts";
import { type FollowedJob, followJobs, type Outcome } from "./follow.ts";
import {
  failedNodes,
  forgetJobFile,
  forgetNotes,
  JOB_FOLDER,
  type JobFile,
  readJobFiles,
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

/** Cases that a job makes one after the other, or side by side on its cores. */
const CASES_OF_JOB = 4;

/** Has the stages of a graph made by jobs of Slurm. */
export class SlurmExecutor {
  readonly #options: SlurmOptions;
  readonly #client: SlurmClient;
  /** Jobs of the nodes that are being made, by node. */
  readonly #jobs = new Map<Node, FollowedJob[]>();

  /** @param options how the graph is run */
  constructor(options: SlurmOptions) {
    this.#options = options;
    const { reporter, signal } = options;
    this.#client = new SlurmClient({ warn: (message) => reporter.report({ event: "warning", message }), signal });
  }

  /** The scripts that would be submitted, with the jobs that each waits for by name, and without what is the same in all. */
  async scripts(states: readonly NodeState[]): Promise<string[]> {
    const arrays = this.#arraysOf(states, new Map(), MOST_TASKS);
    return await Promise.all(arrays.map(async (array) => {
      const script = await this.#scriptOf(array);
      const waits = dependencies(array, (made) => typeof made === "string" ? made : jobName(made));
      const said = waits.map((wait) => `# sbatch ${wait}\n`).join("");
      return script.replace("#!/bin/bash\n", `#!/bin/bash\n${said}`).replace(POLICY, `# ${POLICY_FILE} follows\n`);
    }));
  }

  /**
   * Submits what is to be made and is not in the queue.
   *
   * @param plan tells the state of every node
   */
  async submit(plan: () => Promise<readonly NodeState[]>): Promise<Submitted> {
    const { work } = this.#options;
    await using _lock = await lockArtifact(join(work, ".slurm"), (holder) => {
      this.#options.reporter.report({
        event: "warning",
        message: `${holder} is submitting jobs of "${work}"; waiting for it`,
      });
    });
    // in this order: what leaves the queue in between is made, and what is made is not submitted again
    const tasks = (await this.#client.queue()).filter(isQueued);
    const states = await plan();
    const queued = await this.#queued(states, tasks);
    const arrays = this.#arraysOf(states, queued, await this.#client.mostTasks());
    const jobs = new Map<JobArray, string>();
    const time = new Date().toISOString();
    try {
      for (const array of arrays) jobs.set(array, await this.#submit(array, { jobs, time }));
    } catch (error) {
      await this.#client.cancel([...jobs.values()]);
      for (const array of arrays) await forgetJobFile(this.#folderOf(array), array.key);
      throw error;
    }
    const attached = new Set([...queued.values()].flat().map(({ array }) => array as string));
    return { submitted: [...jobs.values()], attached: [...attached] };
  }

  /** Waits until no job of the graph is in the queue, and tells how they come along. */
  async follow(): Promise<Outcome[]> {
    const { signal, reporter } = this.#options;
    const folderOf = (node: Node) => this.#folderOf(node);
    return await followJobs(this.#jobs, { client: this.#client, reporter, signal, folderOf });
  }

  /** Nodes to be made that jobs in the queue make. */
  async #queued(states: readonly NodeState[], tasks: readonly QueuedTask[]): Promise<Map<Node, Place[]>> {
    const { keyOf } = this.#options;
    const byKey = new Map(states.filter(({ status }) => status !== "cached").map(({ node }) => [keyOf(node), node]));
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

  #note(node: Node, job: FollowedJob): void {
    this.#jobs.set(node, [...this.#jobs.get(node) ?? [], job]);
  }

  #arraysOf(states: readonly NodeState[], queued: ReadonlyMap<Node, readonly Place[]>, most: number): JobArray[] {
    const nodes = states.filter(({ node, status }) => status !== "cached" && !queued.has(node)).map(({ node }) => node);
    return arraysOf(nodes, { keyOf: this.#options.keyOf, queued, casesOfJob: CASES_OF_JOB, most });
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

  async #submit(
    array: JobArray,
    { jobs, time }: { jobs: ReadonlyMap<JobArray, string>; time: string },
  ): Promise<string> {
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
    const file: JobFile = { key, experiment, stage, time, mem, limit, tasks };
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
