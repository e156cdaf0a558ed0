import { Network, type NetworkConfiguration, publishedState } from "../dfdt/mod.ts";
import { UserError } from "../errors.ts";
import { openDevice } from "../gpu/mod.ts";
import type { Recipe } from "../imaging/recipe.ts";
import { loadStateDict, stateDict } from "../nn/mod.ts";
import { encodeSafetensors, type StoredTensor } from "../weights/safetensors.ts";
import { checkMatch, type MatchedWeights, matchWeights } from "../weights/weight_map.ts";
import { readModelFile } from "./model_file.ts";
import type { ModelClass } from "./model_facts.ts";

/** A trained network with all that its file says of it; its end frees the network. */
export interface Model extends Disposable {
  /** The network on the open device. */
  network: Network;
  /** How a raw scan is brought to it. */
  recipe: Recipe;
  /** Classes of the data set that it was trained on, background left out. */
  classes: readonly ModelClass[];
  /** What the file says of itself (docs/file-formats.md, "`model.safetensors`"). */
  metadata: Readonly<Record<string, string>>;
  /** sha256 of the file. */
  sha256: string;
}

/** What {@link loadModel} takes where the file does not say it, as a published `.pth` does not. */
export interface LoadOptions {
  /** The file's name, for messages. */
  name?: string;
  /** How a raw scan is brought to the network. */
  recipe?: Recipe;
  /** Classes that supports name by their values. */
  classes?: readonly ModelClass[];
}

/**
 * Opens the device and makes the network of a model's file: `using model = await loadModel(bytes)`.
 *
 * @param bytes of `model.safetensors`, of a snapshot, or of a `.pth`
 * @throws {UserError} of kind `data` if they hold no DFDT network, or nobody says how a scan is brought to it; of kind
 * `adapter` without a usable WebGPU adapter
 * @example
 * ```ts ignore
 * import { loadModel } from "dfdt";
 *
 * using model = await loadModel(await Deno.readFile("model.safetensors"));
 * console.log(model.classes.map(({ name }) => name));
 * ```
 */
export async function loadModel(bytes: Uint8Array<ArrayBuffer>, options: LoadOptions = {}): Promise<Model> {
  const { name = "the model" } = options;
  const file = await readModelFile(bytes, name);
  const { configuration, metadata, sha256 } = file;
  if (!configuration) {
    throw new UserError("data", `Cannot use "${name}": expected a DFDT network, found arrays of other names`);
  }
  const recipe = options.recipe ?? file.recipe;
  if (!recipe) {
    throw new UserError(
      "data",
      `Cannot use "${name}": expected a model that says how a scan is brought to it, found one that does not. Make one of ` +
        "it: ./dfdt pipeline EXPERIMENT --weights FILE --set training.steps=0",
    );
  }
  const matched = matchWeights(file.tensors, publishedState(configuration), name);
  checkMatch(matched, name, "The file is damaged, or was written by another program");
  await openDevice();
  const network = new Network(configuration);
  loadStateDict(network.parameters, stateOf(matched, configuration));
  network.batchesTracked = matched.batchesTracked ?? 0;
  return {
    ...{ network, recipe, classes: options.classes ?? file.classes, metadata, sha256 },
    [Symbol.dispose]: () => network[Symbol.dispose](),
  };
}

function stateOf({ loaded }: MatchedWeights, configuration: NetworkConfiguration): Map<string, StoredTensor> {
  return new Map(
    publishedState(configuration).flatMap(({ name, shape }) => {
      const data = loaded.get(name);
      return data ? [[name, { dtype: "F32", shape, data }]] : [];
    }),
  );
}

/**
 * The bytes of `model.safetensors`: the same model gives the same bytes.
 *
 * @example
 * ```ts ignore
 * import { loadModel, saveModel } from "dfdt";
 *
 * using model = await loadModel(await Deno.readFile("model.safetensors"));
 * await Deno.writeFile("copy.safetensors", await saveModel(model));
 * ```
 */
export async function saveModel({ network, metadata }: Pick<Model, "network" | "metadata">): Promise<
  Uint8Array<ArrayBuffer>
> {
  return encodeSafetensors(await stateDict(network.parameters, network.batchesTracked), metadata);
}
