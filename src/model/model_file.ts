import { z } from "zod";
import { configurationOf, type NetworkConfiguration } from "../dfdt/mod.ts";
import { UserError } from "../errors.ts";
import type { Recipe } from "../imaging/recipe.ts";
import type { StoredTensor } from "../weights/safetensors.ts";
import { quoted } from "../weights/cannot_read.ts";
import { decodeWeights } from "../weights/weight_file.ts";
import { withoutModulePrefix } from "../weights/weight_map.ts";
import { classesSchema, type ModelClass } from "./model_facts.ts";
import { networkSchema } from "./network_schema.ts";
import { recipeSchema } from "./recipe_schema.ts";

/** A file of weights with what is known of it, before there is a network. */
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
  /** How a raw scan is brought to the network, as far as the file says. */
  recipe: Recipe | undefined;
  /** Classes of the data set that it was trained on, background left out; none where the file does not say. */
  classes: readonly ModelClass[];
  /** sha256 of the file. */
  sha256: string;
  /** Length of the file. */
  bytes: number;
}

/**
 * Reads a model, a snapshot or any other file of weights.
 *
 * @param name the file's name, for messages
 * @throws {UserError} of kind `data` if it cannot be read
 */
export async function readModelFile(bytes: Uint8Array<ArrayBuffer>, name: string): Promise<ModelFile> {
  const { tensors, metadata, format } = decodeWeights(bytes, name);
  const plain = withoutModulePrefix(tensors);
  const read = <T>(key: string, what: string, schema: z.ZodType<T>): T | undefined => {
    const text = metadata[key];
    return text === undefined ? undefined : parsed(text, { key, what, schema, name });
  };
  const written = read("configuration", "a network's sizes", networkSchema);
  const derived = configurationOf(new Map([...plain].map(([name, { shape }]) => [name, shape])));
  return {
    ...{ tensors: plain, metadata, format, bytes: bytes.length },
    configuration: written ?? derived,
    configurationFrom: written ? "metadata" : derived && "shapes",
    recipe: read("recipe", "the steps that bring a scan to the network", recipeSchema),
    classes: read("classes", "names and values of classes", classesSchema) ?? [],
    sha256: hexadecimal(await crypto.subtle.digest("SHA-256", bytes)),
  };
}

function parsed<T>(
  text: string,
  { key, what, schema, name }: { key: string; what: string; schema: z.ZodType<T>; name: string },
): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    throw new UserError("data", `Cannot read "${name}": expected ${what} as "${key}", found ${quoted(text)}`);
  }
}

function hexadecimal(bytes: ArrayBuffer): string {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
