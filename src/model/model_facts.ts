import { z } from "zod";
import type { Recipe } from "../imaging/recipe.ts";
import denoJson from "../../deno.json" with { type: "json" };

/** The classes of a data set: names, and the values that the user's files store. */
export const classesSchema: z.ZodType<ModelClass[]> = z.array(z.object({ name: z.string(), value: z.int() }));

/** A class of the data set: its name, and the value that the user's files store. */
export interface ModelClass {
  /** Its name. */
  name: string;
  /** What label files hold for it. */
  value: number;
}

/** What a model's file says of itself (docs/file-formats.md). */
export interface ModelFacts {
  /** Experiment and data set it was trained in. */
  about: { experiment: string; dataset: string };
  /** How a raw scan is brought to the network. */
  recipe: Recipe;
  /** Classes of the data set, background left out. */
  classes: readonly ModelClass[];
  /** Sizes of the network. */
  configuration: unknown;
  /** The training recipe. */
  training: unknown;
  /** Seed of everything random. */
  seed: number;
  /** What it started from: nothing, or a file. */
  weights: { kind: string; sha256: string } | undefined;
}

/** Metadata of `model.safetensors` and of snapshots, but for `step` and `extra`; it holds no paths and no times. */
export function modelMetadata(facts: ModelFacts): Record<string, string> {
  const { about, recipe, classes, configuration, training, seed, weights } = facts;
  return {
    format: "dfdt-model/2",
    project: `${denoJson.name} ${denoJson.version}`,
    experiment: about.experiment,
    dataset: about.dataset,
    configuration: JSON.stringify(configuration),
    recipe: JSON.stringify(recipe),
    classes: JSON.stringify(classes),
    training: JSON.stringify(training),
    seed: String(seed),
    weights: JSON.stringify(weights ?? null),
  };
}
