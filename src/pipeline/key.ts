import { canonicalJson, hashText } from "./digest.ts";

/** Raised when the same inputs would get other keys. Whatever was made before is then made again. */
export const KEY_VERSION = 2;

/** What is in every key of a stage's artifacts: never a path, a time or a name of the user's. */
export interface KeyedStage {
  /** Name of the stage. */
  stage: string;
  /** Version of the stage, raised when other bytes come out. */
  version: number;
  /** Checked parameters, all of them. */
  parameters: unknown;
}

/** Content digests of input files, by input and, where an input has many, by name. */
export type InputDigests = Record<string, string | Record<string, string>>;

/** The key of an artifact that needs all its inputs at once. */
export function stageKey(stage: KeyedStage, inputs: InputDigests): string {
  return shortHash({ ...stage, inputs });
}

/** The key of the artifact of one case. */
export function caseKey(stage: KeyedStage, { id, inputs }: { id: string; inputs: Record<string, string> }): string {
  return shortHash({ ...stage, case: id, inputs });
}

/** The key of the collection of some cases' artifacts, by their keys. */
export function collectionKey(stage: KeyedStage, cases: Record<string, string>): string {
  return shortHash({ ...stage, cases });
}

/** Enough of the hash to be unique among all artifacts that will ever be made. */
function shortHash(value: Record<string, unknown>): string {
  return hashText(canonicalJson({ keyVersion: KEY_VERSION, ...value })).slice(0, 24);
}
