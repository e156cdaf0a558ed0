import { createHash } from "node:crypto";
import { configurationOf, type NetworkConfiguration } from "../dfdt/mod.ts";
import { UserError } from "../errors.ts";
import { networkSchema } from "../dfdt_training/configuration.ts";
import type { StoredTensor } from "../weights/safetensors.ts";
import { decodeWeights } from "../weights/weight_file.ts";
import { withoutModulePrefix } from "../weights/weight_map.ts";
import { readBytes } from "../dfdt_training/initial_state.ts";

/** A file of weights with what is known of it. */
export interface ModelFile {
  /** Arrays by name, without a `module.` prefix. */
  tensors: ReadonlyMap<string, StoredTensor>;
  /** What a file of ours says of itself. */
  metadata: Record<string, string>;
  /** For people, for example "PyTorch zip". */
  format: string;
  /** Sizes of the network; none if the file holds no DFDT network. */
  configuration: NetworkConfiguration | undefined;
  /** Whether the sizes are written in the file, or follow from its shapes. */
  configurationFrom: "metadata" | "shapes" | undefined;
  /** sha256 of the file. */
  sha256: string;
  /** Length of the file. */
  bytes: number;
}

/**
 * Reads a model, a snapshot or any other file of weights.
 *
 * @throws {UserError} of kind `data` if it cannot be read
 */
export async function readModelFile(path: string): Promise<ModelFile> {
  const bytes = await readBytes(path, "a model (.safetensors or .pth)");
  const { tensors, metadata, format } = decodeWeights(bytes, path);
  const plain = withoutModulePrefix(tensors);
  const written = metadata.configuration === undefined ? undefined : parseConfiguration(metadata.configuration, path);
  const derived = configurationOf(new Map([...plain].map(([name, { shape }]) => [name, shape])));
  return {
    ...{ tensors: plain, metadata, format, bytes: bytes.length },
    configuration: written ?? derived,
    configurationFrom: written ? "metadata" : derived && "shapes",
    sha256: createHash("sha256").update(bytes).digest("hex"),
  };
}

function parseConfiguration(text: string, path: string): NetworkConfiguration {
  try {
    return networkSchema.parse(JSON.parse(text));
  } catch {
    throw new UserError("data", `Cannot read "${path}": expected a network's sizes as "configuration", found ${text}`);
  }
}
