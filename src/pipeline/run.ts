import { link, mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { UserError } from "../errors.ts";
import type { CaseJob } from "./case_job.ts";
import { canonicalJson, DigestMemory, hashText } from "./digest.ts";
import type { Reporter } from "./events.ts";
import type { RunRecord } from "./run_record_data.ts";
import { LocalExecutor } from "./executors/local.ts";
import { filesOf, type InputFile, type Node, sourcesOf, upstream, WHOLE_ARTIFACT } from "./graph.ts";
import { didYouMean } from "./nearest.ts";
import { sideBySide, throwAll } from "./side_by_side.ts";
import { Interrupted, type StageContext, type WholeStageContext } from "./stage.ts";
import {
  beginArtifact,
  finishArtifact,
  lockArtifact,
  type Manifest,
  type ManifestFile,
  manifestsOf,
  partialToResume,
  readManifest,
} from "./store.ts";
import { rememberUses } from "./use_memory.ts";

/** How a graph is run. */
export interface RunOptions {
  /** Folder of the experiment's artifacts, `WORK/EXPERIMENT`. */
  directory: string;
  /** Remembers digests of raw files. */
  digests: DigestMemory;
  /** Is told what happens. */
  reporter: Reporter;
  /** Aborted when the user interrupts. */
  signal: AbortSignal;
  /** Stage whose existing artifacts are ignored, with all that depends on it. */
  from?: string;
  /** Last stage to run. */
  until?: string;
  /** Ignores all existing artifacts. */
  force?: boolean;
  /** Hashes existing artifacts and inputs again. */
  verify?: boolean;
  /** Fails where another process makes the same artifact. */
  noWait?: boolean;
  /** How many cases are made side by side at most; as many as cores and memory allow unless given. */
  workers?: number;
  /** What makes the artifacts, for their manifests. */
  versions(): Record<string, string>;
  /** What is known of the run, for pages that tell of it; it is in no key. */
  record?(): RunRecord | undefined;
}

/** What is known of a node before it runs. */
export interface NodeState {
  /** The node. */
  node: Node;
  /** Whole and up to date, to be made, or unknown until a stage before it has run. */
  status: "cached" | "stale" | "pending";
  /** Its key, unless pending. */
  key?: string;
  /** Why it has to be made. */
  reason: string;
  /** State of its cases, if it works case by case. */
  cases?: CaseState[];
  /** Where it goes on with what an earlier run left, in words; not from the start. */
  resumesAt?: string;
  /** Its manifest, if cached. */
  manifest?: Manifest;
  /** Content of its inputs, unless pending. */
  inputs?: Record<string, unknown>;
}

interface CaseState {
  id: string;
  key: string;
  inputs: Record<string, string>;
  cached: boolean;
}

/** Runs the stages of one graph, those before others first. */
export class Run {
  readonly #nodes: readonly Node[];
  readonly #options: RunOptions;
  readonly #forced: Set<Node>;
  /** Keys that this run has made, so that nodes that share a forced artifact make it once. */
  readonly #made = new Set<string>();
  /** Artifacts of the nodes that are done. */
  readonly #directories = new Map<Node, string>();
  readonly #executor: LocalExecutor;

  /**
   * @param nodes in the order in which they were made
   * @throws {UserError} for a stage that is not in the graph, with the nearest name
   */
  constructor(nodes: readonly Node[], options: RunOptions) {
    const { from, until, force } = options;
    for (const [option, name] of Object.entries({ from, until })) {
      if (name !== undefined) expectStage(nodes, name, `--${option}`);
    }
    const last = until === undefined ? nodes : nodes.filter(({ stage }) => stage.name === until);
    const needed = new Set(last.flatMap((node) => [...upstream(node)]));
    if (from !== undefined && ![...needed].some(({ stage }) => stage.name === from)) {
      throw new UserError(
        "usage",
        `Cannot start --from "${from}" and stop --until "${until}": expected a stage that "${until}" needs, found one that ` +
          `it does not. Leave one of them out`,
      );
    }
    this.#nodes = nodes.filter((node) => needed.has(node));
    this.#forced = new Set(
      from !== undefined
        ? nodes.filter((node) => [...upstream(node)].some(({ stage }) => stage.name === from))
        : force
        ? nodes
        : [],
    );
    this.#options = options;
    this.#executor = new LocalExecutor(options.workers);
  }

  /** The state of every node, in order. */
  async plan(): Promise<NodeState[]> {
    const states = new Map<Node, NodeState>();
    for (const node of this.#nodes) states.set(node, await this.#inspect(node, states));
    await this.#options.digests.save();
    return [...states.values()];
  }

  /**
   * Directories of a stage's current artifacts, one for every node of it; `undefined` where there is none.
   *
   * @throws {UserError} for a stage that is not in the graph, with the nearest name
   */
  async where(stage: string): Promise<(string | undefined)[]> {
    expectStage(this.#nodes, stage, "--where");
    const states = (await this.plan()).filter(({ node }) => node.stage.name === stage);
    const found = states.map(({ node, key, manifest }) => manifest && key ? this.#directory(node, key) : undefined);
    await this.#remember(states);
    return found;
  }

  /** Writes down which artifacts were used. */
  async #remember(states: Iterable<NodeState>): Promise<void> {
    const dirs: string[] = [];
    for (const { node, key, cases } of states) {
      if (key) dirs.push(this.#directory(node, key), ...cases?.map((one) => this.#caseDirectory(node, one.key)) ?? []);
    }
    await rememberUses(dirname(this.#options.directory), dirs, new Date());
  }

  /** Makes what is missing. Returns the directory of every node's artifact. */
  async execute(): Promise<ReadonlyMap<Node, string>> {
    using executor = this.#executor;
    const states = new Map<Node, NodeState>();
    const lastByCase = this.#nodes.findLastIndex(({ byCase }) => byCase);
    for (const [at, node] of this.#nodes.entries()) {
      const { reporter, signal } = this.#options;
      const { stage: { name: stage }, part } = node;
      if (signal.aborted) throw new Interrupted(`Interrupted before stage "${stage}"; ${GOES_ON}`);
      let state = await this.#inspect(node, states);
      if (state.status === "cached") {
        const { key } = state;
        reporter.report({ event: "cached", stage, part, key });
        for (const message of state.manifest!.warnings ?? []) {
          reporter.report({ event: "warning", stage, part, key, message });
        }
      } else state = await this.#make(state);
      states.set(node, state);
      this.#directories.set(node, this.#directory(node, state.key!));
      if (at === lastByCase) executor[Symbol.dispose](); // training needs their memory
    }
    await this.#options.digests.save();
    await this.#remember(states.values());
    return this.#directories;
  }

  #directory(node: Node, key: string): string {
    return join(this.#options.directory, node.stage.name, key);
  }

  #caseDirectory(node: Node, key: string): string {
    return join(this.#options.directory, node.stage.name, "cases", key);
  }

  #isForced(node: Node, key: string): boolean {
    return this.#forced.has(node) && !this.#made.has(`${node.stage.name}/${key}`);
  }

  /** Content digest of an input file. */
  async #content({ node, file }: InputFile, states: ReadonlyMap<Node, NodeState>): Promise<string> {
    if (!node) return await this.#options.digests.digest(file, this.#options.verify ?? false);
    const { files } = states.get(node)!.manifest!;
    if (file === WHOLE_ARTIFACT) return hashText(canonicalJson(files.map(({ path, content }) => [path, content])));
    const found = files.find(({ path }) => path === file);
    if (!found) throw new Error(`Stage "${node.stage.name}" was expected to make "${file}", and did not`);
    return found.content;
  }

  async #inspect(node: Node, states: ReadonlyMap<Node, NodeState>): Promise<NodeState> {
    const { stage, params } = node;
    const missing = sourcesOf(node).find((source) => states.get(source)?.status !== "cached");
    if (missing) return { node, status: "pending", reason: `waits for ${missing.stage.name}` };
    const inputs: Record<string, Record<string, string> | string> = {};
    for (const [name, handle] of Object.entries(node.inputs)) {
      const files = filesOf(handle);
      if (isOne(files)) inputs[name] = await this.#content(files, states);
      else {
        const byName: Record<string, string> = inputs[name] = {};
        for (const [id, file] of Object.entries(files)) byName[id] = await this.#content(file, states);
      }
    }
    const about = { stage: stage.name, version: stage.version, parameters: params };
    if (!node.byCase) {
      const key = shortKey({ ...about, inputs });
      return await this.#stateOf({ node, key, inputs });
    }
    const cases: CaseState[] = [];
    for (const id of node.ids!) {
      const ofCase = ofOneCase(inputs as Record<string, CaseInputs>, id);
      const key = shortKey({ ...about, case: id, inputs: ofCase });
      const whole = await readManifest(this.#caseDirectory(node, key), this.#options.verify);
      cases.push({ id, key, inputs: ofCase, cached: whole !== undefined && !this.#isForced(node, key) });
    }
    const key = shortKey({ ...about, cases: Object.fromEntries(cases.map((one) => [one.id, one.key])) });
    return await this.#stateOf({ node, key, inputs, cases });
  }

  async #stateOf(known: Pick<NodeState, "node" | "key" | "inputs" | "cases">): Promise<NodeState> {
    const { node, key, cases } = known;
    const manifest = await readManifest(this.#directory(node, key!), this.#options.verify);
    const missing = cases?.filter(({ cached }) => !cached) ?? [];
    const forced = this.#isForced(node, key!);
    if (!forced && manifest && missing.length === 0) return { ...known, status: "cached", reason: "", manifest };
    const reason = forced ? "forced" : await this.#whyStale(known, missing.length);
    return { ...known, status: "stale", reason, resumesAt: await this.#resumesAt(known, forced) };
  }

  async #resumesAt({ node, key }: Pick<NodeState, "node" | "key">, forced: boolean): Promise<string | undefined> {
    if (!node.stage.resumesAt) return undefined;
    const partial = await partialToResume(this.#directory(node, key!), forced);
    return partial && await node.stage.resumesAt(partial);
  }

  /** Compares with the newest artifact of the stage. */
  async #whyStale(
    { node, inputs, cases }: Pick<NodeState, "node" | "inputs" | "cases">,
    missing: number,
  ): Promise<string> {
    const [last] = await manifestsOf(join(this.#options.directory, node.stage.name));
    const count = cases ? `${missing} of ${cases.length} cases; ` : "";
    if (!last) return `${count}never made`;
    if (last.version !== node.stage.version) return `${count}version ${last.version} → ${node.stage.version}`;
    const changes = [
      ...differences(last.parameters, node.params),
      ...differences(last.inputs, inputs).map((change) => `input ${change.split(":")[0]}`),
    ];
    return count + (changes.length > 0 ? `changed: ${changes.slice(0, 3).join(", ")}` : "files missing or damaged");
  }

  async #make(state: NodeState): Promise<NodeState> {
    const { node, key } = state;
    const { reporter } = this.#options;
    const { stage: { name: stage }, part } = node;
    const message = state.resumesAt && `goes on from ${state.resumesAt}`;
    reporter.report({ event: "start", stage, part, key, message });
    const began = performance.now();
    try {
      if (state.cases) await this.#makeCases(state, state.cases);
      const notes: string[] = [];
      const manifest = await this.#makeWhole(state, (text) => notes.push(text));
      this.#made.add(`${stage}/${key}`);
      const { pictures } = node.stage;
      if (pictures) notes.push(`pictures ${join(this.#directory(node, key!), pictures)}`);
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

  /** Makes the cases that are missing, as many side by side as fit. All are tried, unless one fails for other than its data. */
  async #makeCases({ node }: NodeState, cases: readonly CaseState[]): Promise<void> {
    const { reporter, signal } = this.#options;
    const { stage, part } = node;
    const missing = cases.filter(({ cached }) => !cached);
    const jobs = missing.map((one) => this.#jobOf(node, one));
    const width = await this.#executor.width(stage, jobs);
    const outcomes: { warnings: string[]; error?: unknown }[] = [];
    let told = 0, done = cases.length - missing.length;
    const make = async (at: number) => {
      const warnings: string[] = [];
      const context = { ...this.#context(node, missing[at].key), warn: (text: string) => void warnings.push(text) };
      const making = this.#makeCase(node, jobs[at], { ...context, width });
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
    throwAll(outcomes.flatMap(({ error }) => error ?? []));
  }

  #jobOf(node: Node, { id, key, inputs: content }: CaseState): CaseJob {
    return {
      stage: node.stage.name,
      module: node.stage.module,
      id,
      inputs: ofOneCase(this.#paths(node) as Record<string, CaseInputs>, id),
      params: node.params,
      dir: this.#caseDirectory(node, key),
      about: this.#about(node, key, { case: id, ...content }),
    };
  }

  async #makeCase(
    node: Node,
    job: CaseJob,
    context: Omit<StageContext, "output"> & { width: number },
  ): Promise<void> {
    const { dir, about: { key } } = job;
    await using _lock = await this.#lock(dir);
    if (this.#isForced(node, key) || !await readManifest(dir)) await this.#executor.make(node.stage, job, context);
    this.#made.add(`${node.stage.name}/${key}`);
  }

  /** Makes a whole artifact: by the stage's own `run`, or as the collection of its cases. */
  async #makeWhole(
    { node, key, cases, inputs }: NodeState,
    conclude: WholeStageContext["conclude"],
  ): Promise<Manifest> {
    const dir = this.#directory(node, key!);
    await using _lock = await this.#lock(dir);
    const forced = this.#isForced(node, key!);
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
        const source = this.#caseDirectory(node, one.key);
        const made = (await readManifest(source))!;
        warnings.push(...made.warnings ?? []);
        for (const file of made.files) {
          const { path } = file;
          await mkdir(dirname(join(output, path)), { recursive: true });
          await rm(join(output, path), { force: true });
          await link(join(source, path), join(output, path));
          linked.set(path, file);
        }
      }
    } else {
      const context = this.#context(node, key!);
      const warn = (message: string) => {
        warnings.push(message);
        context.warn(message);
      };
      const record = this.#options.record ?? (() => undefined);
      const inputs = this.#paths(node);
      await node.stage.run({ inputs, params: node.params, ...context, warn, output, conclude, record });
    }
    return await finishArtifact(dir, { ...this.#about(node, key!, inputs ?? {}), startTime, warnings }, linked);
  }

  /** Paths of all input files of a node whose sources are done. */
  #paths(node: Node): Record<string, string | Record<string, string>> {
    const path = ({ node: source, file }: InputFile) => source ? join(this.#directories.get(source)!, file) : file;
    return mapValues(node.inputs, (handle) => {
      const files = filesOf(handle);
      return isOne(files) ? path(files) : mapValues(files, path);
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

  #lock(dir: string) {
    return lockArtifact(dir, (holder) => {
      const message = `${dir} is being made by ${holder}`;
      if (this.#options.noWait) throw new Error(`${message}; not waiting`);
      this.#options.reporter.report({ event: "warning", message: `${message}; waiting for it` });
    });
  }
}

/** What every interrupt ends with. */
const GOES_ON = "the same command goes on from there";

function expectStage(nodes: readonly Node[], name: string, option: string): void {
  const names = [...new Set(nodes.map(({ stage }) => stage.name))];
  if (names.includes(name)) return;
  throw new UserError("usage", `Unknown stage "${name}" of ${option}${didYouMean(name, names)}`);
}

/** An error that says in which stage it was thrown. */
export type StageError = Error & { stage?: string };

function failedIn(stage: string, error: unknown): unknown {
  return error instanceof Error ? Object.assign(error, { stage }) satisfies StageError : error;
}

type CaseInputs = Record<string, string>;

/** What a case has of every input. */
function ofOneCase(inputs: Readonly<Record<string, CaseInputs>>, id: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(inputs).flatMap(([name, byCase]) => id in byCase ? [[name, byCase[id]]] : []),
  );
}

function isOne(files: InputFile | Record<string, InputFile>): files is InputFile {
  return typeof files.file === "string";
}

function mapValues<T, U>(values: Readonly<Record<string, T>>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)]));
}

/** Enough of the hash to be unique among all artifacts that will ever be made. */
function shortKey(value: unknown): string {
  return hashText(canonicalJson(value)).slice(0, 24);
}

/** Dotted paths at which two values differ, with both values where they are short. */
function differences(before: unknown, after: unknown, path = ""): string[] {
  if (canonicalJson(before) === canonicalJson(after)) return [];
  const isTree = (value: unknown) => typeof value === "object" && value !== null && !Array.isArray(value);
  if (!isTree(before) || !isTree(after)) return [`${path}: ${JSON.stringify(before)} → ${JSON.stringify(after)}`];
  const a = before as Record<string, unknown>, b = after as Record<string, unknown>;
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap((key) => {
    return differences(a[key], b[key], path ? `${path}.${key}` : key);
  });
}
