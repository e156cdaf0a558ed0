import { initialWeights, type NetworkConfiguration, networkState } from "../dfdt/mod.ts";
import type { Recipe } from "../imaging/recipe.ts";
import { encodeSafetensors, type StoredTensor } from "../weights/safetensors.ts";
import { loadModel, type Model } from "./model.ts";
import { type ModelClass, modelMetadata } from "./model_facts.ts";
import { networkSchema } from "./network_schema.ts";

/** What a model is before it has been trained. */
export interface UntrainedModelOptions {
  /** Sizes of the network. */
  network: NetworkConfiguration;
  /** How a raw scan is brought to it. */
  recipe: Recipe;
  /** Names for the values of label files, background left out. */
  classes?: readonly ModelClass[];
  /** Of the random weights. */
  seed: number;
}

/**
 * A model with random weights, as training begins with it: to try out what comes before and after a network.
 *
 * @throws {UserError} without a usable WebGPU adapter
 */
export async function untrainedModel(options: UntrainedModelOptions): Promise<Model> {
  const { recipe, classes = [], seed } = options;
  const configuration = networkSchema.parse(options.network);
  const random = initialWeights(configuration, { seed });
  const tensors = new Map<string, StoredTensor>();
  for (const { name, shape } of networkState(configuration)) {
    const data = random.get(name);
    if (data) tensors.set(name, { dtype: "F32", shape, data });
  }
  const about = { experiment: "none", dataset: "none" };
  const facts = { about, recipe, classes, configuration, training: null, seed, weights: undefined };
  const bytes = encodeSafetensors(tensors, { ...modelMetadata(facts), step: "0", extra: "{}" });
  return await loadModel(bytes, { name: "the untrained model" });
}
