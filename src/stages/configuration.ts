import { z } from "zod";

/** Sizes of the network; see `NetworkConfiguration` in `dfdt`. */
export const networkSchema = z.object({
  image: z.int().min(64),
  planes: z.int().min(4).multipleOf(4),
  layers: z.tuple([z.int().min(1), z.int().min(1), z.int().min(1), z.int().min(1)]),
  classes: z.int().min(1),
  channels: z.int().min(4).multipleOf(4),
  parts: z.int().min(1),
  embedding: z.int().min(12).multipleOf(12),
});

/** The training recipe. */
export const trainingSchema = z.object({
  /** 0 trains nothing: the initial weights are tested as they are. */
  steps: z.int().min(0),
  snapshotEvery: z.int().min(1),
  minArea: z.int().min(1),
  learningRate: z.number().positive(),
  schedule: z.enum(["steps", "cosine"]),
  dropEvery: z.int().min(1),
  dropFactor: z.number().positive(),
  momentum: z.number().min(0).max(1),
  weightDecay: z.number().min(0),
  clipNorm: z.number().min(0),
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
