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
  name: string;
  version: number;
  resumable: boolean;
  resumesAt?(output: string): Promise<string | undefined>;
  usesAdapter: boolean;
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
  /** Which of several graphs it belongs to, for example "fold 2"; none if it serves more than one. */
  part?: string;
}

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

let collecting: { nodes: Node[]; part: string | undefined } | undefined;

/**
 * Runs `build` and adds the nodes that it makes to `nodes`, in order: every node comes after its inputs. A node that is there
 * already is used again, so that several graphs share what is equal.
 *
 * @param part names this graph among several
 */
export function collectNodes<T>(build: () => T, nodes: Node[] = [], part?: string): { nodes: Node[]; result: T } {
  const outer = collecting;
  collecting = { nodes, part };
  try {
    return { result: build(), nodes };
  } finally {
    collecting = outer;
  }
}

/**
 * Adds a node to the graph that is being built, or finds the one that does the same.
 *
 * @throws {Error} outside of {@link collectNodes}
 */
export function addNode(node: Node): Node {
  if (!collecting) throw new Error(`Cannot use stage "${node.stage.name}" outside of an experiment`);
  const { nodes, part } = collecting;
  const identity = identityOf(node, nodes);
  const known = nodes.find((one) => one.stage === node.stage && identityOf(one, nodes) === identity);
  if (known) {
    if (known.part !== part) known.part = undefined;
    return known;
  }
  nodes.push({ ...node, part });
  return nodes[nodes.length - 1];
}

/** Equal for nodes of a stage that do the same with the same files. */
function identityOf(node: Node, nodes: readonly Node[]): string {
  const inputs = canonicalJson(Object.values(node.inputs).map(filesOf), (value) => {
    const position = nodes.indexOf(value as Node);
    return position < 0 ? value : position;
  });
  return `${canonicalJson(node.params)} ${node.ids} ${Object.keys(node.inputs)} ${inputs}`;
}
