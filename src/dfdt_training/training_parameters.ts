import { z } from "zod";
import { classesSchema } from "../model/model_facts.ts";
import { networkSchema } from "../model/network_schema.ts";
import { recipeSchema } from "../model/recipe_schema.ts";
import { trainingSchema } from "./configuration.ts";

/** Parameters of a training. */
export const trainingParameters = z.object({
  network: networkSchema,
  training: trainingSchema,
  seed: z.int().min(0),
  /** What the model's file says of where it comes from. */
  about: z.object({ experiment: z.string(), dataset: z.string() }),
  /** How a raw scan is brought to it, which the model's file says. */
  recipe: recipeSchema,
  /** Classes of the data set, which the model's file says. */
  classes: classesSchema,
  /** Classes whose slices are left out under Setting 2; none under Setting 1. */
  excluded: z.array(z.int()),
  /** Whether cases of one slice train on that slice twice, augmented differently. */
  singleSlices: z.literal(true).optional(),
});

/** Parameters of a training, checked. */
export type TrainingParameters = z.output<typeof trainingParameters>;

/** Paths by case id. */
type CaseFiles = Record<string, string>;

/** Files of its inputs, as a stage gets them. */
export interface TrainingInputs {
  /** Preprocessed images. */
  images: CaseFiles;
  /** Their supervoxels. */
  pseudo: CaseFiles;
  /** Labels for Setting 2's exclusion of slices. */
  exclusion: CaseFiles | undefined;
  /** Weights to start from. */
  weights: string | undefined;
}
