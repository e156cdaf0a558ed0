import { basename, join } from "node:path";
import { UserError } from "../errors.ts";
import { canonicalJson, type DigestMemory, hashText } from "./digest.ts";
import { filesOf, type InputFile, type Node, sourcesOf, upstream, WHOLE_ARTIFACT } from "./graph.ts";
import { caseKey, collectionKey, type KeyedStage, stageKey } from "./key.ts";
import { didYouMean } from "./nearest.ts";
import { type Manifest, manifestsOf, partialToResume, readManifest } from "./store.ts";
import { rememberUses } from "./use_memory.ts";

/** What a plan goes by. */
export interface PlanOptions {
  /** The working directory: artifacts of an experiment lie in `WORK/EXPERIMENT`. */
  work: string;
  /** Remembers digests of raw files. */
  digests: DigestMemory;
  /** Stage whose existing artifacts are ignored, with all that depends on it. */
  from?: string;
  /** Last stage to run. */
  until?: string;
  /** Ignores all existing artifacts. */
  force?: boolean;
  /** Hashes existing artifacts and inputs again. */
  verify?: boolean;
}

/** An input file as a manifest names it. */
export interface InputRecord {
  /** Content digest: sha256 of the bytes, of gzip the uncompressed ones. */
  sha256: string;
  /** Its name. */
  file: string;
  /** The stage that made it; none for a raw file. */
  stage?: string;
  /** Key of that artifact. */
  key?: string;
}

/** Input files by input and, where an input has many, by name. */
export type InputRecords = Record<string, InputRecord | Record<string, InputRecord>>;

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
  /** Its inputs, unless pending. */
  inputs?: InputRecords;
  /** Cases that are left out, here or before, and why. */
  left?: ReadonlyMap<string, string>;
}

/** What is known of one case of a node. */
export interface CaseState {
  /** Its id. */
  id: string;
  /** Its key. */
  key: string;
  /** Its inputs. */
  inputs: InputRecords;
  /** Whether its artifact is there. */
  cached: boolean;
}

/** Which nodes of a graph have to be made, and why. */
export class Plan {
  /** The nodes that are needed, those before others first. */
  readonly nodes: readonly Node[];
  readonly #options: PlanOptions;
  readonly #forced: Set<Node>;
  /** Keys that this run has made, so that nodes that share a forced artifact make it once. */
  readonly #made = new Set<string>();
  readonly #newestManifests = new Map<string, Promise<Manifest | undefined>>();

  /**
   * @param nodes in the order in which they were made
   * @throws {UserError} for a stage that is not in the graph, with the nearest name
   */
  constructor(nodes: readonly Node[], options: PlanOptions) {
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
    this.nodes = nodes.filter((node) => needed.has(node));
    const fromThere = (node: Node) => [...upstream(node)].some(({ stage }) => stage.name === from);
    this.#forced = new Set(from !== undefined ? nodes.filter(fromThere) : force ? nodes : []);
    this.#options = options;
  }

  /** The state of every node, in order. */
  async states(): Promise<NodeState[]> {
    this.#newestManifests.clear();
    const states = new Map<Node, NodeState>();
    for (const node of this.nodes) states.set(node, await this.inspect(node, states));
    await this.#options.digests.save();
    return [...states.values()];
  }

  /**
   * Directories of a stage's current artifacts, one for every node of it; `undefined` where there is none.
   *
   * @throws {UserError} for a stage that is not in the graph, with the nearest name
   */
  async where(stage: string): Promise<(string | undefined)[]> {
    expectStage(this.nodes, stage, "--where");
    const states = (await this.states()).filter(({ node }) => node.stage.name === stage);
    await this.remember(states);
    return states.map(({ node, key, manifest }) => manifest && key ? this.directory(node, key) : undefined);
  }

  /** Folder of a node's artifact. */
  directory(node: Node, key: string): string {
    return join(this.stageDirectory(node), key);
  }

  /** Folder of the artifact of one case. */
  caseDirectory(node: Node, key: string): string {
    return join(this.stageDirectory(node), "cases", key);
  }

  /** Folder of the artifacts of a stage. */
  stageDirectory({ experiment, stage }: Pick<Node, "experiment" | "stage">): string {
    return join(this.#options.work, experiment, stage.name);
  }

  /** Whether an artifact is made again although it is there. */
  isForced(node: Node, key: string): boolean {
    return this.#forced.has(node) && !this.#made.has(this.directory(node, key));
  }

  /** Whether a node is made again although it is there. */
  remakes(node: Node): boolean {
    return this.#forced.has(node);
  }

  /** Notes that a process of its own has made all that belongs to a node. */
  noteMadeApart(node: Node): void {
    this.#forced.delete(node);
  }

  /** Notes that this run has made an artifact. */
  noteMade(node: Node, key: string): void {
    this.#made.add(this.directory(node, key));
  }

  /** Writes down which artifacts were used, for `clean`. */
  async remember(states: Iterable<NodeState>): Promise<void> {
    const dirs: string[] = [];
    for (const { node, key, cases } of states) {
      if (key) dirs.push(this.directory(node, key), ...cases?.map((one) => this.caseDirectory(node, one.key)) ?? []);
    }
    await rememberUses(this.#options.work, dirs, new Date());
  }

  /**
   * The state of a node.
   *
   * @param states of all nodes before it
   */
  async inspect(node: Node, states: ReadonlyMap<Node, NodeState>): Promise<NodeState> {
    const missing = sourcesOf(node).find((source) => states.get(source)?.status !== "cached");
    if (missing) return { node, status: "pending", reason: `waits for ${missing.stage.name}` };
    const left = new Map<string, string>();
    const inputs: InputRecords = {};
    for (const [name, handle] of Object.entries(node.inputs)) {
      const files = filesOf(handle);
      if (isOne(files)) inputs[name] = await this.#record(files, states);
      else {
        const byName: Record<string, InputRecord> = inputs[name] = {};
        for (const [id, file] of Object.entries(files)) {
          const refusal = handle.kind === "cases" ? leftBefore(file, id, states) : undefined;
          if (refusal === undefined) byName[id] = await this.#record(file, states);
          else if (!node.shared?.includes(name)) left.set(id, refusal);
        }
      }
    }
    const { stage, params: parameters } = node;
    const keyed: KeyedStage = { stage: stage.name, version: stage.version, parameters };
    if (!node.byCase) return await this.#stateOf({ node, key: stageKey(keyed, digestsOf(inputs)), inputs, left });
    const cases: CaseState[] = [];
    for (const id of node.ids!) {
      if (left.has(id)) continue;
      const ofCase = ofOneCase(inputs, id, node.shared);
      const key = caseKey(keyed, { id, inputs: mapValues(digestsOf(ofCase), oneDigest) });
      const whole = await readManifest(this.caseDirectory(node, key), this.#options.verify);
      const isForced = this.isForced(node, key);
      const isRefused = whole?.refusal !== undefined;
      if (isRefused && !isForced && node.dispensable?.includes(id)) left.set(id, whole.refusal!);
      else cases.push({ id, key, inputs: ofCase, cached: whole !== undefined && !isRefused && !isForced });
    }
    const key = collectionKey(keyed, Object.fromEntries(cases.map((one) => [one.id, one.key])));
    return await this.#stateOf({ node, key, inputs, cases, left });
  }

  /** An input file with its content digest. */
  async #record({ node, file }: InputFile, states: ReadonlyMap<Node, NodeState>): Promise<InputRecord> {
    if (!node) {
      const sha256 = await this.#options.digests.digest(file, this.#options.verify ?? false);
      return { sha256, file: basename(file) };
    }
    const { key, manifest } = states.get(node)!;
    const { files } = manifest!;
    const made = { file, stage: node.stage.name, key };
    if (file === WHOLE_ARTIFACT) {
      return { sha256: hashText(canonicalJson(files.map(({ path, content }) => [path, content]))), ...made };
    }
    const found = files.find(({ path }) => path === file);
    if (!found) throw new Error(`Stage "${node.stage.name}" was expected to make "${file}", and did not`);
    return { sha256: found.content, ...made };
  }

  async #stateOf(known: Pick<NodeState, "node" | "key" | "inputs" | "cases" | "left">): Promise<NodeState> {
    const { node, key, cases } = known;
    const manifest = await readManifest(this.directory(node, key!), this.#options.verify);
    const missing = cases?.filter(({ cached }) => !cached) ?? [];
    const forced = this.isForced(node, key!);
    if (!forced && manifest && missing.length === 0) return { ...known, status: "cached", reason: "", manifest };
    const reason = forced ? "forced" : await this.#whyStale(known, missing.length);
    return { ...known, status: "stale", reason, resumesAt: await this.#resumesAt(known, forced) };
  }

  async #resumesAt({ node, key }: Pick<NodeState, "node" | "key">, forced: boolean): Promise<string | undefined> {
    if (!node.stage.resumesAt) return undefined;
    const partial = await partialToResume(this.directory(node, key!), forced);
    return partial && await node.stage.resumesAt(partial);
  }

  /** The newest manifest of a stage; many nodes of a plan ask for the same one. */
  #newest(stageDirectory: string): Promise<Manifest | undefined> {
    const known = this.#newestManifests.get(stageDirectory) ?? manifestsOf(stageDirectory).then(([first]) => first);
    this.#newestManifests.set(stageDirectory, known);
    return known;
  }

  /** Compares with the newest artifact of the stage. */
  async #whyStale(
    { node, inputs, cases }: Pick<NodeState, "node" | "inputs" | "cases">,
    missing: number,
  ): Promise<string> {
    const last = await this.#newest(this.stageDirectory(node));
    const count = cases ? `${missing} of ${cases.length} cases; ` : "";
    if (!last) return `${count}never made`;
    if (last.version !== node.stage.version) return `${count}version ${last.version} → ${node.stage.version}`;
    const changes = [
      ...differences(last.parameters, node.params),
      ...differences(digestsOf(last.inputs as InputRecords), digestsOf(inputs!)).map((change) => {
        return `input ${change.split(":")[0]}`;
      }),
    ];
    return count + (changes.length > 0 ? `changed: ${changes.slice(0, 3).join(", ")}` : "files missing or damaged");
  }
}

function expectStage(nodes: readonly Node[], name: string, option: string): void {
  const names = [...new Set(nodes.map(({ stage }) => stage.name))];
  if (names.includes(name)) return;
  throw new UserError("usage", `Unknown stage "${name}" of ${option}${didYouMean(name, names)}`);
}

/** What a case has of every input; of those that all share, everything. */
export function ofOneCase<T>(
  inputs: Readonly<Record<string, T | Record<string, T>>>,
  id: string,
  shared: readonly string[] = [],
): Record<string, T | Record<string, T>> {
  return Object.fromEntries(
    Object.entries(inputs).flatMap(([name, files]) => {
      if (shared.includes(name)) return [[name, files]];
      const byCase = files as Record<string, T>;
      return id in byCase ? [[name, byCase[id]]] : [];
    }),
  );
}

/** Why a case was left out by the stage that should have made a file; `undefined` if it was not. */
export function leftBefore({ node }: InputFile, id: string, states: ReadonlyMap<Node, NodeState>): string | undefined {
  return node && states.get(node)?.left?.get(id);
}

/** One digest for one or for several. */
function oneDigest(digests: string | Record<string, string>): string {
  return typeof digests === "string" ? digests : hashText(canonicalJson(digests));
}

/** A record with other values. */
export function mapValues<T, U>(values: Readonly<Record<string, T>>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)]));
}

/** Whether an input is one file, not many. */
export function isOne(files: InputFile | Record<string, InputFile>): files is InputFile {
  return typeof files.file === "string";
}

/** The digests alone. */
function digestsOf(inputs: InputRecords): Record<string, string | Record<string, string>> {
  const isRecord = (value: unknown): value is InputRecord =>
    typeof value === "object" && value !== null && "sha256" in value && typeof value.sha256 === "string";
  return Object.fromEntries(
    Object.entries(inputs).map(([name, files]) => [
      name,
      isRecord(files)
        ? files.sha256
        : Object.fromEntries(Object.entries(files).map(([id, file]) => [id, isRecord(file) ? file.sha256 : ""])),
    ]),
  );
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
