import { z } from "zod";
import { PUBLISHED_QUIRKS, type Quirks } from "../dfdt/mod.ts";

/** Which quirks of the published network are kept; a default of true each, so that they always stand in parameters. */
const quirksSchema = z.object(
  Object.fromEntries(Object.keys(PUBLISHED_QUIRKS).map((name) => [name, z.boolean().default(true)])) as {
    [name in keyof Quirks]: z.ZodDefault<z.ZodBoolean>;
  },
);

/** Sizes of the network; see `NetworkConfiguration` in `dfdt`. */
export const networkSchema = z.object({
  image: z.int().min(64),
  planes: z.int().min(4).multipleOf(4),
  layers: z.tuple([z.int().min(1), z.int().min(1), z.int().min(1), z.int().min(1)]),
  classes: z.int().min(1),
  channels: z.int().min(4).multipleOf(4),
  parts: z.int().min(1),
  embedding: z.int().min(12).multipleOf(12),
  quirks: quirksSchema.prefault({}),
});

/** The training recipe; what has a default is off under every preset (docs/training.md). */
export const trainingSchema = z.object({
  steps: z.int().min(1),
  snapshotEvery: z.int().min(1),
  minArea: z.int().min(1),
  learningRate: z.number().positive(),
  schedule: z.enum(["steps", "cosine"]),
  dropEvery: z.int().min(1),
  dropFactor: z.number().positive(),
  momentum: z.number().min(0).max(1),
  weightDecay: z.number().min(0),
  clipNorm: z.number().min(0),
  optimizer: z.enum(["sgd", "adamw"]).default("sgd"),
  betas: z.tuple([z.number().min(0).lt(1), z.number().min(0).lt(1)]).default([0.9, 0.999]),
  epsilon: z.number().positive().default(1e-8),
  warmUpSteps: z.int().min(0).default(0),
  freezeBatchNorm: z.boolean().default(false),
  thresholdBias: z.number().nullable(),
  shift: z.number().min(0),
  amplitude: z.number().min(0),
  sigma: z.number().positive(),
});

/** What is tested: the model after the last step, or the snapshot of a step; and which label values, `null` for all. */
export const testSchema = z.object({
  snapshot: z.union([z.literal("last"), z.int().min(1)]),
  labels: z.array(z.int()).nullable(),
});
