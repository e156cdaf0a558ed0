import { UserError } from "../errors.ts";
import { quoted } from "../weights/cannot_read.ts";
import type { StoredTensor } from "../weights/element_types.ts";
import { decodeSafetensors } from "../weights/safetensors.ts";

/** What the snapshot of a training has to hold. */
export interface WantedSnapshot {
  /** Steps done, by the file's name. */
  step: number;
  /** Of the network's state. */
  entries: readonly { name: string; shape: readonly number[] }[];
  /** Number of values of the optimiser's state, by name. */
  sizes: ReadonlyMap<string, number>;
  /** Names of the numbers beside. */
  names: readonly string[];
}

/**
 * Reads a snapshot and checks all of it, so that nothing is on the adapter yet when it is refused.
 *
 * @param name the file's name, for messages
 * @throws {UserError} of kind `data` if it is damaged, or not one of this training
 */
export function decodeSnapshot(
  bytes: Uint8Array<ArrayBuffer>,
  name: string,
  { step, entries, sizes, names }: WantedSnapshot,
): { tensors: ReadonlyMap<string, StoredTensor>; extra: Record<string, number> } {
  const fail = (expected: string, found: string): never => {
    throw new UserError(
      "data",
      `Cannot continue from "${name}": expected ${expected}, found ${found}. Remove the snapshot to continue from the one ` +
        "before it",
    );
  };
  const decode = () => {
    try {
      return decodeSafetensors(bytes, name);
    } catch (error) {
      const found = (error as Error).message.replace(/^Cannot read ".*?": /s, "");
      return fail("a whole snapshot", `a damaged one (${found})`);
    }
  };
  const { tensors, metadata } = decode();
  const floats = (key: string, count: number, what: string) => {
    const stored = tensors.get(key);
    if (!stored) fail(what, "none");
    const { data, shape } = stored!;
    if (!(data instanceof Float32Array) || data.length !== count) fail(what, `${stored!.dtype} [${shape}]`);
    if (!(data as Float32Array).every(Number.isFinite)) fail(`finite values of "${key}"`, "others");
  };
  for (const [key, size] of sizes) floats(key, size, `the state of an optimiser with ${size} values of "${key}"`);
  for (const { name: key, shape } of entries) {
    const what = `"${key}" of the network, float32 [${shape}]`;
    floats(key, shape.reduce((a, b) => a * b, 1), what);
    const found = tensors.get(key)!.shape;
    if (found.join() !== shape.join()) fail(what, `[${found}]`);
  }
  if (metadata.step !== undefined && metadata.step !== String(step)) {
    fail(`step ${step}`, `step ${quoted(metadata.step)}`);
  }
  const extra = extraOf(metadata.extra) ??
    fail('numbers by name as "extra"', metadata.extra === undefined ? "none" : quoted(metadata.extra));
  const missing = names.find((key) => !Object.hasOwn(extra, key));
  if (missing !== undefined) fail(`a number as "${missing}" in "extra"`, "none");
  return { tensors, extra };
}

function extraOf(text: string | undefined): Record<string, number> | undefined {
  try {
    const value: unknown = JSON.parse(text ?? "");
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    return Object.values(value).every(Number.isFinite) ? value as Record<string, number> : undefined;
  } catch {
    return undefined;
  }
}
