import { open, readdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { upload } from "../gpu/mod.ts";
import type { Parameters } from "../nn/mod.ts";
import { toArrays } from "../tensor/mod.ts";
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from "../weights/safetensors.ts";
import type { Sgd } from "./optimizer.ts";

/** Name under which the velocities of the optimiser are stored. */
const VELOCITY = "optimizer.velocity";

/** The state_dict of a network: parameters and statistics under their published names. */
export async function stateDict(parameters: Parameters, batchesTracked: number): Promise<Map<string, StoredTensor>> {
  const { entries } = parameters;
  const arrays = await toArrays(entries.map(({ name }) => parameters.get(name)));
  const result = new Map<string, StoredTensor>();
  for (const [i, { name, shape }] of entries.entries()) {
    result.set(name, { dtype: "F32", shape, data: arrays[i] });
    if (name.endsWith("running_var")) {
      const count = BigInt64Array.of(BigInt(batchesTracked));
      result.set(name.replace("running_var", "num_batches_tracked"), { dtype: "I64", shape: [], data: count });
    }
  }
  return result;
}

/**
 * Puts a state_dict into a network.
 *
 * @throws {Error} if a tensor is missing or has another shape
 */
export function loadStateDict(parameters: Parameters, tensors: ReadonlyMap<string, StoredTensor>): void {
  for (const { name, shape } of parameters.entries) {
    const stored = tensors.get(name);
    if (!stored || stored.shape.join() !== shape.join() || !(stored.data instanceof Float32Array)) {
      throw new Error(
        `Cannot load "${name}": expected float32 [${shape}], found ${stored ? `[${stored.shape}]` : "none"}`,
      );
    }
    upload(parameters.get(name), new Uint8Array(stored.data.buffer, stored.data.byteOffset, stored.data.byteLength));
  }
}

/** What a snapshot holds beside the state_dict. */
export interface SnapshotState {
  /** Steps done. */
  step: number;
  /** State of the network that is no tensor of its state_dict. */
  extra: Record<string, number>;
}

/** Writes `snapshots/step-<n>.safetensors` below a folder, whole or not at all. */
export async function writeSnapshot(
  dir: string,
  parameters: Parameters,
  optimizer: Sgd,
  { step, extra }: SnapshotState,
): Promise<void> {
  const tensors = await stateDict(parameters, extra.batchesTracked ?? 0);
  const [velocity] = await toArrays([optimizer.velocity]);
  tensors.set(VELOCITY, { dtype: "F32", shape: [velocity.length], data: velocity });
  const path = join(dir, "snapshots", `step-${step}.safetensors`);
  await Deno.mkdir(join(dir, "snapshots"), { recursive: true });
  await Deno.writeFile(`${path}.new`, encodeSafetensors(tensors, { step: String(step), extra: JSON.stringify(extra) }));
  const file = await open(`${path}.new`, "r+");
  await file.sync();
  await file.close();
  await rename(`${path}.new`, path);
}

/** Loads the last snapshot below a folder; `undefined` if there is none. */
export async function readLastSnapshot(
  dir: string,
  parameters: Parameters,
  optimizer: Sgd,
): Promise<SnapshotState | undefined> {
  const names = await readdir(join(dir, "snapshots")).catch(() => []);
  for (const name of names.filter((name) => name.endsWith(".new"))) await Deno.remove(join(dir, "snapshots", name));
  const steps = names.flatMap((name) => {
    const match = /^step-(\d+)\.safetensors$/.exec(name);
    return match ? [Number(match[1])] : [];
  });
  if (steps.length === 0) return undefined;
  const step = Math.max(...steps);
  const path = join(dir, "snapshots", `step-${step}.safetensors`);
  const { tensors, metadata } = decodeSafetensors(await Deno.readFile(path), path);
  loadStateDict(parameters, tensors);
  const velocity = tensors.get(VELOCITY)!.data;
  upload(optimizer.velocity, new Uint8Array(velocity.buffer, velocity.byteOffset, velocity.byteLength));
  return { step, extra: JSON.parse(metadata.extra) };
}
