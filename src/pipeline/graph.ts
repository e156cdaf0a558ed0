import { canonicalJson } from "./digest.ts";
import type { RunRecord } from "./run_record_data.ts";

/** Where a stage writes and how it tells of its progress. */
export interface StageContext {
  /** Folder of the unfinished artifact; it becomes the artifact when `run` returns. */
  output: string;
  /** Aborted when the user interrupts; a stage then stops soon, with {@link Interrupted} or any error. */
  signal: AbortSignal;
  /** Tells how far the stage is. */
  progress(done: number, total: number, unit: "cases" | "steps", note?: string): void;
  /** Tells the user something that needs attention but stops nothing. */
  warn(message: string): void;
}

/** The same for a stage that needs all its inputs at once. */
export interface WholeStageContext extends StageContext {
  /** Tells what is shown beside the stage's name once it is done. */
  conclude(message: string): void;
  /** What is known of the run, which may stand in a page alone: it names folders and times, as no other file may. */
  record(): RunRecord | undefined;
}

/** Any stage, as the engine sees it. */
export interface AnyStage {
  /** Its name. */
  name: string;
  /** Raised when other bytes come out. */
  version: number;
  /** Whether it goes on from what an earlier run left. */
  resumable: boolean;
  /** Where it would go on, in words. */
  resumesAt?(output: string): Promise<string | undefined>;
  /** Whether it computes on the adapter. */
  usesAdapter: boolean;
  /** Bytes on the adapter. */
  adapterBytes?(params: unknown): number;
  /** Pictures among its files. */
  pictures?: string;
  /** Of a stage that works case by case: makes once what all cases need. */
  open?(work: { inputs: Record<string, unknown>; params: unknown }): Promise<Disposable>;
  /** Of a stage that works case by case: adds files to the collection of its cases' files. */
  collect?(work: { ids: readonly string[]; output: string }): Promise<void>;
  /** URL of the module that defines it, if workers may import it. */
  module?: string;
  /** Most bytes of memory that a case takes for every byte of its inputs. */
  memoryPerInputByte: number;
  /** Makes the artifact, or that of one case. */
  run(
    work:
      & { id?: string; inputs: Record<string, unknown>; params: unknown; opened?: unknown }
      & StageContext
      & Partial<WholeStageContext>,
  ): Promise<void>;
}

/** One use of a stage in an experiment. */
export interface Node {
  /** The stage. */
  stage: AnyStage;
  /** Where its inputs come from. */
  inputs: Record<string, Handle>;
  /** Checked parameters. */
  params: unknown;
  /** Whether every case is an artifact of its own. */
  byCase: boolean;
  /** Its cases, if it works case by case. */
  ids?: readonly string[];
  /** Which of its inputs all cases share, if it works case by case. */
  shared?: readonly string[];
  /** Cases that are left out where their data cannot be used, instead of ending the run. */
  dispensable?: readonly string[];
  /** Name of the experiment, in whose folder its artifacts lie. */
  experiment: string;
  /** What the graphs that it serves have in common and others have not, for example "seed 1, fold 2"; none if it serves all. */
  part?: string;
}

/** A use of a stage as the experiment states it. */
export type NewNode = Omit<Node, "experiment" | "part">;

/** Files of a set of cases: outputs of a stage, or raw files of the user's. */
export interface CasesHandle {
  /** Tells handles apart. */
  kind: "cases";
  /** The stage that makes them; none for raw files. */
  node?: Node;
  /** Ids of the cases, in order. */
  ids: readonly string[];
  /** Those that may be left out. */
  dispensable?: readonly string[];
  /** File name in the stage's artifact, or path of a raw file. */
  file(id: string): string;
}

/** One file that a stage makes, or a file of the user's. */
export interface FileHandle {
  /** Tells handles apart. */
  kind: "file";
  /** The stage that makes it; none for a raw file. */
  node?: Node;
  /** File name in the stage's artifact, or path of a raw file. */
  file: string;
}

/** Files of the same kind that several stages make, by name. */
export interface FilesHandle {
  /** Tells handles apart. */
  kind: "files";
  /** The files. */
  files: Readonly<Record<string, FileHandle>>;
}

/** What a stage may take as an input. */
export type Handle = CasesHandle | FileHandle | FilesHandle;

/** One file of an input: who makes it, and its name in that artifact, or the path of a raw file. */
export interface InputFile {
  /** The stage that makes it; none for a raw file. */
  node?: Node;
  /** File name or path. */
  file: string;
}

/** The files of a handle: one, or many by their names. */
export function filesOf(handle: Handle): InputFile | Record<string, InputFile> {
  switch (handle.kind) {
    case "file":
      return { node: handle.node, file: handle.file };
    case "files":
      return handle.files;
    case "cases":
      return Object.fromEntries(handle.ids.map((id) => [id, { node: handle.node, file: handle.file(id) }]));
  }
}

/** The stages that make the inputs of a node. */
export function sourcesOf(node: Node): Node[] {
  const handles = Object.values(node.inputs).flatMap((handle) =>
    handle.kind === "files" ? Object.values(handle.files) : [handle]
  );
  return handles.flatMap((handle) => handle.node ?? []);
}

/** Stands for all files of an artifact, in place of the name of one; its path is the folder. */
export const WHOLE_ARTIFACT = ".";

/** The whole artifact that files belong to, as an input: it changes with any of them. */
export function artifactOf({ node }: FileHandle | CasesHandle): FileHandle {
  return { kind: "file", node, file: WHOLE_ARTIFACT };
}

/** Some files as one input. */
export function together(files: Readonly<Record<string, FileHandle>>): FilesHandle {
  return { kind: "files", files };
}

/**
 * Raw files of the user's by case id, in order.
 *
 * @param dispensable cases without which a run goes on where a stage refuses their data
 */
export function rawCases(files: ReadonlyMap<string, string>, dispensable: readonly string[] = []): CasesHandle {
  return { kind: "cases", ids: [...files.keys()], dispensable, file: (id) => files.get(id)! };
}

/** A raw file of the user's. */
export function rawFile(path: string): FileHandle {
  return { kind: "file", file: path };
}

/** Some of the cases of a handle, so that a stage depends on no other. */
export function only(handle: CasesHandle, ids: readonly string[]): CasesHandle {
  return { ...handle, ids: handle.ids.filter((id) => ids.includes(id)) };
}

/** The stages that a node needs, directly or not, itself included. */
export function upstream(node: Node, found: Set<Node> = new Set()): Set<Node> {
  if (found.has(node)) return found;
  found.add(node);
  for (const source of sourcesOf(node)) upstream(source, found);
  return found;
}

/** What tells a graph from the others that it is made with, in words by kind: `{ seed: "seed 1", fold: "fold 2" }`. */
export type Part = Readonly<Record<string, string>>;

let collecting: ((node: NewNode) => Node) | undefined;

/** The graphs of one or more runs as one, in which nodes that are equal are one node. */
export class Graph {
  /** In order: every node comes after its inputs. */
  readonly nodes: Node[] = [];
  readonly #byIdentity = new Map<string, { node: Node; part: Part }>();
  readonly #numbers = new Map<Node | AnyStage, number>();

  /**
   * Runs `build` and adds the nodes that it makes. One that is there already is used again.
   *
   * @param about.experiment in whose folder the artifacts lie
   * @param about.part what tells this graph from the others
   */
  add<T>(build: () => T, { experiment, part = {} }: { experiment: string; part?: Part }): T {
    const outer = collecting;
    collecting = (node) => this.#add({ ...node, experiment }, part);
    try {
      return build();
    } finally {
      collecting = outer;
    }
  }

  #add(node: Node, part: Part): Node {
    const identity = this.#identityOf(node);
    const known = this.#byIdentity.get(identity);
    if (known) {
      known.part = commonPart(known.part, part);
      known.node.part = partInWords(known.part);
      return known.node;
    }
    node.part = partInWords(part);
    this.#byIdentity.set(identity, { node, part });
    this.nodes.push(node);
    this.#numberOf(node);
    return node;
  }

  #numberOf(one: Node | AnyStage): number {
    const number = this.#numbers.get(one) ?? this.#numbers.size;
    this.#numbers.set(one, number);
    return number;
  }

  /** Equal for nodes of a stage that do the same with the same files. */
  #identityOf({ stage, inputs, params, ids, experiment }: Node): string {
    const files = canonicalJson(Object.values(inputs).map(filesOf), (value) => {
      return this.#numbers.has(value as Node) ? this.#numbers.get(value as Node) : value;
    });
    return `${experiment} ${this.#numberOf(stage)} ${canonicalJson(params)} ${ids} ${Object.keys(inputs)} ${files}`;
  }
}

/** What two graphs have in common. */
export function commonPart(a: Part, b: Part): Part {
  return Object.fromEntries(Object.entries(a).filter(([kind, words]) => b[kind] === words));
}

/** As people read it; nothing where there is nothing to tell apart. */
export function partInWords(part: Part): string | undefined {
  return Object.values(part).join(", ") || undefined;
}

/** The nodes that `build` makes, as a graph of their own. */
export function collectNodes<T>(build: () => T, experiment = "experiment"): { nodes: Node[]; result: T } {
  const graph = new Graph();
  return { result: graph.add(build, { experiment }), nodes: graph.nodes };
}

/**
 * Adds a node to the graph that is being built, or finds the one that does the same.
 *
 * @throws {Error} outside of {@link Graph.add}
 */
export function addNode(node: NewNode): Node {
  if (!collecting) throw new Error(`Cannot use stage "${node.stage.name}" outside of an experiment`);
  return collecting(node);
}
