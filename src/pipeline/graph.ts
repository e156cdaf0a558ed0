import type { AnyStage } from "./stage.ts";

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

/** The whole artifact that a file belongs to, as an input: it changes with any of its files. */
export function artifactOf({ node }: FileHandle): FileHandle {
  return { kind: "file", node, file: WHOLE_ARTIFACT };
}

/** Some files as one input. */
export function together(files: Readonly<Record<string, FileHandle>>): FilesHandle {
  return { kind: "files", files };
}

/** Raw files of the user's by case id, in order. */
export function rawCases(files: ReadonlyMap<string, string>): CasesHandle {
  return { kind: "cases", ids: [...files.keys()], file: (id) => files.get(id)! };
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
