import { dirname, join } from "node:path";
import { link, makeFolder, remove } from "../disk.ts";
import { UserError } from "../errors.ts";
import { type CaseJob, keepRefusal } from "./case_job.ts";
import type { PipelineEvent, Reporter } from "./events.ts";
import { LocalExecutor } from "./executors/local.ts";
import type { Processes } from "./executors/processes.ts";
import { GOES_ON, goThrough } from "./go_through.ts";
import { filesOf, type InputFile, type Node } from "./graph.ts";
import {
  type CaseState,
  isOne,
  leftBefore,
  mapValues,
  type NodeState,
  ofOneCase,
  Plan,
  type PlanOptions,
} from "./plan.ts";
import type { RunRecord } from "./run_record_data.ts";
import { sideBySide, throwAll } from "./side_by_side.ts";
import { Interrupted } from "./stage.ts";
import { type StageContext, type WholeStageContext } from "./graph.ts";
import {
  beginArtifact,
  finishArtifact,
  lockArtifact,
  type Manifest,
  type ManifestFile,
  readManifest,
} from "./store.ts";

/** How a graph is run. */
export interface RunOptions extends PlanOptions {
  /** Is told what happens. */
  reporter: Reporter;
  /** Aborted when the user interrupts. */
  signal: AbortSignal;
  /** Fails where another process makes the same artifact. */
  noWait?: boolean;
  /** Goes on with whatever does not depend on what failed, and throws at the end. */
  keepGoing?: boolean;
  /** Cases of the last stage that are made, and not collected; all of them unless given. */
  cases?: readonly string[];
  /** Makes artifacts that need the adapter in processes of their own, where several fit side by side. */
  processes?: Processes;
  /** How many cases are made side by side at most; as many as cores and memory allow unless given. */
  workers?: number;
  /** What makes the artifacts, for their manifests. */
  versions(): Record<string, string>;
  /** What is known of an experiment's run, for pages that tell of it; it is in no key. */
  record?(experiment: string): RunRecord | undefined;
}

/** Runs the stages of one graph, those before others first. */
export class Run {
  readonly #plan: Plan;
  readonly #options: RunOptions;
  /** Artifacts of the nodes that are done. */
  readonly #directories = new Map<Node, string>();
  readonly #executor: LocalExecutor;
  readonly #left = new Map<string, string>();
  /** States of the nodes that are done. */
  readonly #states = new Map<Node, NodeState>();

  /**
   * @param nodes in the order in which they were made
   * @throws {UserError} for a stage that is not in the graph, with the nearest name
   */
  constructor(nodes: readonly Node[], options: RunOptions) {
    this.#plan = new Plan(nodes, options);
    this.#options = options;
    this.#executor = new LocalExecutor(options.workers);
  }

  /** The state of every node, in order. */
  plan(): Promise<NodeState[]> {
    return this.#plan.states();
  }

  /** Whether a node is made again although it is there: {@link Plan.remakes}. */
  remakes(node: Node): boolean {
    return this.#plan.remakes(node);
  }

  /** Notes that a process of its own has made all that belongs to a node. */
  noteMadeApart(node: Node): void {
    this.#plan.noteMadeApart(node);
  }

  /** Directories of the artifacts of nodes that are all made, as {@link execute} returns them. */
  async made(states: readonly NodeState[]): Promise<ReadonlyMap<Node, string>> {
    for (const state of states) {
      this.#tellLeft(state);
      this.#directories.set(state.node, this.#plan.directory(state.node, state.key!));
    }
    await this.#plan.remember(states);
    return this.#directories;
  }

  /** Directories of a stage's current artifacts: {@link Plan.where}. */
  where(stage: string): Promise<(string | undefined)[]> {
    return this.#plan.where(stage);
  }

  /** Cases that were left out, and why: those of raw files that may be, and whose data a stage refused. */
  get left(): ReadonlyMap<string, string> {
    return this.#left;
  }

  /**
   * Makes what is missing. Returns the directory of every node's artifact.
   *
   * @throws the first failure; with {@link RunOptions.keepGoing} only after all that does not depend on it is made
   */
  async execute(): Promise<ReadonlyMap<Node, string>> {
    using executor = this.#executor;
    const states = this.#states;
    const { keepGoing, reporter } = this.#options;
    await goThrough(this.#plan.nodes, {
      keepGoing: keepGoing ?? false,
      signal: this.#options.signal,
      begin: async (node, isLastInWorkers) => {
        const state = await this.#plan.inspect(node, states);
        const finish = (made: NodeState) => {
          this.#tellLeft(made);
          states.set(node, made);
          this.#directories.set(node, this.#plan.directory(node, made.key!));
          if (isLastInWorkers) executor[Symbol.dispose](); // training needs their memory
        };
        if (state.status === "cached") {
          this.#tellCached(state);
          return void finish(state);
        }
        const processes = node.stage.usesAdapter ? this.#options.processes : undefined;
        const width = processes &&
          await processes.width(node, { inputs: this.#paths(node), count: this.#countOf(node) });
        if (!processes || !width || width < 2) return finish(await this.#make(state));
        return { width, making: this.#makeApart(state, processes).then(finish) };
      },
      failed: (node, error) => {
        const { stage: { name: stage }, part } = node;
        const message = error instanceof Error ? error.message : String(error);
        if (keepGoing && !(error instanceof Interrupted)) reporter.report({ event: "error", stage, part, message });
      },
    });
    await this.#options.digests.save();
    await this.#plan.remember(states.values());
    return this.#directories;
  }

  #countOf({ stage: { name } }: Node): number {
    return this.#plan.nodes.filter(({ stage }) => stage.name === name).length;
  }

  #tellCached({ node: { stage: { name: stage }, part }, key, manifest }: NodeState): void {
    const { reporter } = this.#options;
    reporter.report({ event: "cached", stage, part, key });
    for (const message of manifest!.warnings ?? []) reporter.report({ event: "warning", stage, part, key, message });
  }

  #tellLeft({ node: { stage: { name: stage }, part }, left = new Map() }: NodeState): void {
    for (const [id, refusal] of left) {
      if (this.#left.has(id)) continue;
      this.#left.set(id, refusal);
      this.#options.reporter.report({ event: "warning", stage, part, message: `case "${id}" is left out: ${refusal}` });
    }
  }

  /** Makes an artifact in a process of its own, whose progress is told here. */
  async #makeApart({ node, key: expected }: NodeState, processes: Processes): Promise<NodeState> {
    const { reporter } = this.#options;
    const { stage: { name: stage }, part } = node;
    const told = (event: PipelineEvent) => reporter.report({ ...event, stage, part });
    try {
      const forced = this.#plan.isForced(node, expected!);
      await processes.make(node, { forced, signal: this.#options.signal, told });
    } catch (error) {
      throw failedIn(stage, error);
    }
    this.#plan.noteMadeApart(node);
    const state = await this.#plan.inspect(node, this.#states); // of another key where a case was left out
    if (state.status !== "cached") {
      throw failedIn(stage, new Error(`its process ended, and there is no artifact ${state.key}: ${state.reason}`));
    }
    this.#plan.noteMade(node, state.key!);
    return state;
  }

  async #make(asked: NodeState): Promise<NodeState> {
    let state = asked;
    const { node } = state;
    const { reporter } = this.#options;
    const { stage: { name: stage }, part } = node;
    const message = state.resumesAt && `goes on from ${state.resumesAt}`;
    reporter.report({ event: "start", stage, part, key: state.key, message });
    const began = performance.now();
    try {
      const only = stage === this.#options.until ? this.#options.cases : undefined;
      if (only && state.cases) {
        await this.#makeCases(state, state.cases.filter(({ id }) => only.includes(id)));
        reporter.report({ event: "done", stage, part, seconds: (performance.now() - began) / 1000 });
        return state; // nothing depends on the last stage
      }
      if (state.cases && await this.#makeCases(state, state.cases)) {
        state = await this.#plan.inspect(node, this.#states);
      }
      const { key } = state;
      const notes: string[] = [];
      const manifest = await this.#makeWhole(state, (text) => notes.push(text));
      this.#plan.noteMade(node, key!);
      const { pictures } = node.stage;
      if (pictures) notes.push(`pictures ${join(this.#plan.directory(node, key!), pictures)}`);
      const message = notes.length > 0 ? notes.join("; ") : undefined;
      reporter.report({ event: "done", stage, part, key, seconds: (performance.now() - began) / 1000, message });
      return { ...state, status: "cached", reason: "", manifest };
    } catch (error) {
      if (!this.#options.signal.aborted) throw failedIn(stage, error);
      const kept = error instanceof Interrupted ? `: ${error.message}` : "";
      throw failedIn(stage, new Interrupted(`Interrupted in stage "${stage}"${kept}; ${GOES_ON}`));
    } finally {
      await this.#options.digests.save();
    }
  }

  /**
   * Makes the cases that are missing, as many side by side as fit. All are tried, unless one fails for other than its data.
   *
   * @returns whether one was left out
   */
  async #makeCases({ node }: NodeState, cases: readonly CaseState[]): Promise<boolean> {
    const { reporter, signal } = this.#options;
    const { stage, part } = node;
    const missing = cases.filter(({ cached }) => !cached);
    const jobs = missing.map((one) => this.#jobOf(node, one));
    const width = await this.#executor.width(stage, jobs);
    using opened = await this.#open(node, jobs);
    const outcomes: { warnings: string[]; error?: unknown }[] = [];
    let told = 0, done = cases.length - missing.length;
    const make = async (at: number) => {
      const warnings: string[] = [];
      const context = { ...this.#context(node, missing[at].key), warn: (text: string) => void warnings.push(text) };
      const making = this.#makeCase(node, jobs[at], { ...context, width, opened });
      outcomes[at] = { warnings, error: await making.then(() => undefined, (error) => error) };
      for (; outcomes[told]; told++) { // in the order of the cases, whichever was ready first
        const { key } = missing[told];
        for (const message of outcomes[told].warnings) {
          reporter.report({ event: "warning", stage: stage.name, part, key, message });
        }
      }
      const count = { done: ++done, total: cases.length, unit: "cases" } as const;
      const message = width > 1 ? `${width} side by side` : undefined;
      reporter.report({ event: "progress", stage: stage.name, part, ...count, message });
    };
    const mayGoOn = () => !signal.aborted && !outcomes.some(({ error }) => error && !(error instanceof UserError));
    await sideBySide({ count: jobs.length, width }, make, mayGoOn);
    if (signal.aborted) throw new Interrupted(`${done} of ${cases.length} cases are kept`);
    const isLeft = (error: unknown, at: number) =>
      error instanceof UserError && error.kind === "data" && node.dispensable?.includes(missing[at].id);
    throwAll(outcomes.flatMap(({ error }, at) => isLeft(error, at) ? [] : error ?? []));
    const refused = [...outcomes.entries()].filter(([at, { error }]) => isLeft(error, at));
    for (const [at, { error }] of refused) {
      await using _lock = await this.#lock(jobs[at].dir);
      await keepRefusal(jobs[at], (error as UserError).message);
      this.#plan.noteMade(node, missing[at].key);
    }
    return refused.length > 0;
  }

  /** What the cases of a stage that opens something need. */
  async #open(node: Node, [first]: readonly CaseJob[]): Promise<Disposable | undefined> {
    if (!first || !node.stage.open) return undefined;
    const shared = Object.entries(first.inputs).filter(([name]) => node.shared!.includes(name));
    return await node.stage.open({ inputs: Object.fromEntries(shared), params: node.params });
  }

  #jobOf(node: Node, { id, key, inputs: content }: CaseState): CaseJob {
    return {
      stage: node.stage.name,
      module: node.stage.module,
      id,
      inputs: ofOneCase(this.#paths(node), id, node.shared),
      params: node.params,
      dir: this.#plan.caseDirectory(node, key),
      about: this.#about(node, key, { case: id, ...content }),
    };
  }

  async #makeCase(
    node: Node,
    job: CaseJob,
    context: Omit<StageContext, "output"> & { width: number; opened?: unknown },
  ): Promise<void> {
    const { dir, about: { key } } = job;
    await this.#holding(dir, async () => {
      const made = await readManifest(dir);
      if (this.#plan.isForced(node, key) || !made || made.refusal !== undefined) {
        await this.#executor.make(node.stage, job, context);
      }
    });
    this.#plan.noteMade(node, key);
  }

  /** Makes a whole artifact: by the stage's own `run`, or as the collection of its cases. */
  async #makeWhole(state: NodeState, conclude: WholeStageContext["conclude"]): Promise<Manifest> {
    const dir = this.#plan.directory(state.node, state.key!);
    return await this.#holding(dir, () => this.#makeHeld(dir, state, conclude));
  }

  async #makeHeld(
    dir: string,
    { node, key, cases, inputs }: NodeState,
    conclude: WholeStageContext["conclude"],
  ): Promise<Manifest> {
    const forced = this.#plan.isForced(node, key!);
    if (!forced) {
      const made = await readManifest(dir); // by another process, while this one waited
      if (made) return made;
    }
    const startTime = new Date().toISOString();
    const output = await beginArtifact(dir, { resume: node.stage.resumable, forced });
    const warnings: string[] = [];
    const linked = new Map<string, ManifestFile>();
    if (cases) {
      for (const one of cases) {
        const source = this.#plan.caseDirectory(node, one.key);
        const made = await readManifest(source);
        if (!made) {
          throw new Error(`"${source}" was made, and is no longer whole. Start the run again, and it is made again`);
        }
        warnings.push(...made.warnings ?? []);
        for (const file of made.files) {
          const { path } = file;
          await makeFolder(dirname(join(output, path)));
          await remove(join(output, path));
          await link(join(source, path), join(output, path));
          linked.set(path, file);
        }
      }
      await node.stage.collect?.({ ids: cases.map(({ id }) => id), output });
    } else {
      const context = this.#context(node, key!);
      const warn = (message: string) => {
        warnings.push(message);
        context.warn(message);
      };
      const record = () => this.#options.record?.(node.experiment);
      const inputs = this.#paths(node);
      await node.stage.run({ inputs, params: node.params, ...context, warn, output, conclude, record });
    }
    const about = { ...this.#about(node, key!, inputs ?? {}), startTime, warnings };
    return await finishArtifact(dir, about, { partial: output, known: linked });
  }

  /** Paths of all input files of a node whose sources are done. */
  #paths(node: Node): Record<string, string | Record<string, string>> {
    const path = ({ node: source, file }: InputFile) => source ? join(this.#directories.get(source)!, file) : file;
    return mapValues(node.inputs, (handle) => {
      const files = filesOf(handle);
      if (isOne(files)) return path(files);
      const there = Object.entries(files).filter(([id, file]) =>
        handle.kind !== "cases" || leftBefore(file, id, this.#states) === undefined
      );
      return mapValues(Object.fromEntries(there), path);
    });
  }

  #context(node: Node, key: string): Omit<StageContext, "output"> {
    const { reporter, signal } = this.#options;
    const { stage: { name: stage }, part } = node;
    return {
      signal,
      progress: (done, total, unit, message) =>
        reporter.report({ event: "progress", stage, part, key, done, total, unit, message }),
      warn: (message) => reporter.report({ event: "warning", stage, part, key, message }),
    };
  }

  #about(node: Node, key: string, inputs: Record<string, unknown>): CaseJob["about"] {
    const { stage: { name, version }, params } = node;
    return { stage: name, version, key, parameters: params, inputs, versions: this.#options.versions() };
  }

  /** Does something with an artifact that nobody else may make meanwhile; again where somebody took the lock away. */
  async #holding<T>(dir: string, make: () => Promise<T>): Promise<T> {
    for (;;) {
      await using lock = await this.#lock(dir);
      try {
        return await make();
      } catch (error) {
        if (this.#options.signal.aborted || !await lock.isLost()) throw error;
        const message = `${dir} was taken over by another process, since this one was not heard of for too long`;
        this.#options.reporter.report({ event: "warning", message });
      }
    }
  }

  #lock(dir: string) {
    return lockArtifact(dir, (holder) => {
      const message = `${dir} is being made by ${holder}`;
      if (this.#options.noWait) throw new Error(`${message}; not waiting`);
      this.#options.reporter.report({ event: "warning", message: `${message}; waiting for it` });
    });
  }
}

/** An error that says in which stage it was thrown. */
export type StageError = Error & { stage?: string };

function failedIn(stage: string, error: unknown): unknown {
  return error instanceof Error ? Object.assign(error, { stage }) satisfies StageError : error;
}
