import { upload } from "../gpu/mod.ts";
import { toArrays } from "../tensor/mod.ts";
import type { StoredTensor } from "../weights/element_types.ts";
import type { Parameters } from "./parameters.ts";

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
