import { cannotRead, quoted } from "./cannot_read.ts";
import type { StoredTensor } from "./element_types.ts";
import { decodePth, isPth } from "./pth.ts";
import { decodeSafetensors } from "./safetensors.ts";

/** Contents of a file of weights, whatever its format. */
export interface WeightFile {
  /** Arrays by name, in the file's order. */
  tensors: Map<string, StoredTensor>;
  /** What a safetensors file says of itself; none in a `.pth`. */
  metadata: Record<string, string>;
  /** For people, for example "PyTorch zip". */
  format: string;
}

/** What files that are no weights begin with, and what to tell of them. */
const OTHERS: readonly [start: string, what: string][] = [
  ["version https://git-lfs", "a pointer of Git LFS; fetch the file itself"],
  ["<", "a page of HTML; fetch the file itself"],
  ["\x1f\x8b", "a gzip file; unpack it"],
  ["\x89HDF", "an HDF5 file"],
  ["\x80", "another pickle of Python's. Save the weights with torch.save(model.state_dict(), FILE)"],
];

/**
 * Reads a PyTorch checkpoint of either container or a safetensors file, which its first bytes tell apart.
 *
 * @param name the file's name, for messages
 * @throws {UserError} of kind `data` if it is neither, or damaged
 */
export function decodeWeights(bytes: Uint8Array<ArrayBuffer>, name: string): WeightFile {
  if (isPth(bytes)) {
    const { tensors, container, nested } = decodePth(bytes, name);
    return { tensors, metadata: {}, format: `PyTorch ${container}${nested ? `, under ${quoted(nested)}` : ""}` };
  }
  const start = String.fromCharCode(...bytes.subarray(0, 200));
  if (start[8] !== "{") { // the first eight bytes are a length, which may look like anything
    const other = OTHERS.find(([prefix]) => start.trimStart().startsWith(prefix));
    throw cannotRead(name)("a PyTorch checkpoint (.pth) or safetensors file", other?.[1] ?? "neither");
  }
  return { ...decodeSafetensors(bytes, name), format: "safetensors" };
}
