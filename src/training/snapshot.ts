import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder, remove, writeWhole } from "../disk.ts";
import { upload } from "../gpu/mod.ts";
import { loadStateDict, type Parameters, stateDict } from "../nn/mod.ts";
import { toArrays } from "../tensor/mod.ts";
import { encodeSafetensors } from "../weights/safetensors.ts";
import type { Optimizer } from "./optimizer.ts";
import { decodeSnapshot } from "./snapshot_file.ts";

/** What a snapshot holds beside the state_dict. */
export interface SnapshotState {
  /** Steps done. */
  step: number;
  /** State of the network that is no tensor of its state_dict. */
  extra: Record<string, number>;
  /** What the file says of itself beside. */
  metadata?: Readonly<Record<string, string>>;
}

/**
 * Writes `snapshots/step-<n>.safetensors` below a folder, whole or not at all.
 *
 * @returns the name of a tensor with values that are not finite, if there is one: nothing is written then
 */
export async function writeSnapshot(
  dir: string,
  parameters: Parameters,
  optimizer: Optimizer,
  { step, extra, metadata }: SnapshotState,
): Promise<string | undefined> {
  const tensors = await stateDict(parameters, extra.batchesTracked ?? 0);
  const state = [...optimizer.state];
  const arrays = await toArrays(state.map(([, tensor]) => tensor));
  for (const [i, [name, { shape }]] of state.entries()) tensors.set(name, { dtype: "F32", shape, data: arrays[i] });
  for (const [name, { data }] of tensors) {
    if (data instanceof Float32Array && !data.every(Number.isFinite)) return name;
  }
  const folder = join(dir, "snapshots");
  const path = join(folder, snapshotName(step));
  await makeFolder(folder);
  await writeWhole(path, encodeSafetensors(tensors, { ...metadata, step: String(step), extra: JSON.stringify(extra) }));
  return undefined;
}

/** Name of a step's snapshot in its folder. */
export function snapshotName(step: number): string {
  return `step-${step}.safetensors`;
}

/**
 * Loads the last snapshot below a folder and removes what a killed run left unfinished there.
 *
 * @param options `before`: the last one of an earlier step; nothing is removed then. `extra`: names of the numbers that it has to
 * hold beside the tensors
 * @returns `undefined` if there is none
 * @throws {UserError} of kind `data` if it is damaged, or one of another network
 */
export async function readLastSnapshot(
  dir: string,
  parameters: Parameters,
  optimizer: Optimizer,
  { before = Infinity, extra: wantedExtra = [] }: { before?: number; extra?: readonly string[] } = {},
): Promise<SnapshotState | undefined> {
  const folder = join(dir, "snapshots");
  const names = await namesIn(folder);
  if (before === Infinity) {
    for (const name of names.filter((name) => name.endsWith(".new"))) await remove(join(folder, name));
  }
  const step = stepsOf(names).filter((step) => step < before).at(-1);
  if (step === undefined) return undefined;
  const path = join(folder, snapshotName(step));
  const sizes = new Map([...optimizer.state].map(([name, { size }]) => [name, size]));
  const wanted = { step, entries: parameters.entries, sizes, names: wantedExtra };
  const { tensors, extra } = decodeSnapshot(await Deno.readFile(path), path, wanted);
  for (const [name, tensor] of optimizer.state) {
    const { data } = tensors.get(name)!;
    upload(tensor, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  loadStateDict(parameters, tensors);
  return { step, extra };
}

/** Step of the last snapshot below a folder; `undefined` if there is none. */
export async function lastSnapshotStep(dir: string): Promise<number | undefined> {
  return stepsOf(await namesIn(join(dir, "snapshots"))).at(-1);
}

/**
 * Removes the snapshots of steps that an undisturbed run writes none of: those of interrupts.
 *
 * @param isKept whether a snapshot of a step stays
 */
export async function dropSnapshots(dir: string, isKept: (step: number) => boolean): Promise<void> {
  const folder = join(dir, "snapshots");
  for (const step of stepsOf(await namesIn(folder))) {
    if (!isKept(step)) await remove(join(folder, snapshotName(step)));
  }
}

/** Steps of the snapshots among some files, ascending. */
function stepsOf(names: readonly string[]): number[] {
  return names.flatMap((name) => /^step-(\d+)\.safetensors$/.exec(name)?.[1] ?? []).map(Number).sort((a, b) => a - b);
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}
