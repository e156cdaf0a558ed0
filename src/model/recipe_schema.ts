import { z } from "zod";
import type { Recipe } from "../imaging/recipe.ts";

const triple = z.tuple([z.number(), z.number(), z.number()]);

const axis = z.int().min(0).max(2);

/** A recipe as it stands in parameters of stages and in a model's file. */
export const recipeSchema: z.ZodType<Recipe, Recipe> = z.array(z.discriminatedUnion("step", [
  z.strictObject({
    step: z.literal("orient"),
    frame: z.strictObject({ directions: z.tuple([triple, triple, triple]), order: z.tuple([axis, axis, axis]) }),
  }),
  z.strictObject({ step: z.literal("window"), lowerHU: z.number(), upperHU: z.number() }),
  z.strictObject({ step: z.literal("cut"), percent: z.number().min(0).max(100) }),
  z.strictObject({ step: z.literal("border"), voxels: z.int().min(0) }),
  z.strictObject({ step: z.literal("scale"), factor: z.number().positive() }),
  z.strictObject({ step: z.literal("resample"), spacingMm: triple }),
  z.strictObject({ step: z.literal("square"), side: z.int().min(1) }),
  z.strictObject({
    step: z.literal("fit"),
    inPlaneMm: z.number().positive(),
    sliceSpacingMm: z.number().positive().nullable(),
    side: z.int().min(1),
  }),
  z.strictObject({ step: z.literal("standardise") }),
]));
