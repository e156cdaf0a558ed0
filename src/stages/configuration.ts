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

/** What an optimiser has unless told otherwise. */
const MOMENTUM = 0.9, BETAS = [0.9, 0.999] as const, EPSILON = 1e-8;

/** The training recipe; what has a default is off under every preset (docs/training.md). */
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
  optimizer: z.enum(["sgd", "adamw"]).default("sgd"),
  betas: z.tuple([z.number().min(0).lt(1), z.number().min(0).lt(1)]).default([...BETAS]),
  epsilon: z.number().positive().default(EPSILON),
  warmUpSteps: z.int().min(0).default(0),
  freezeBatchNorm: z.boolean().default(false),
  /** Half the memory for a third more time, and the same numbers. */
  checkpoint: z.boolean().default(false),
  thresholdBias: z.number().nullable(),
  shift: z.number().min(0),
  amplitude: z.number().min(0),
  sigma: z.number().positive(),
}).superRefine((training, context) => {
  const refuse = (key: string, message: string) => context.addIssue({ code: "custom", path: [key], message });
  if (training.warmUpSteps > 0 && training.warmUpSteps >= training.steps) {
    refuse("warmUpSteps", `expected fewer than the ${training.steps} of training.steps, found ${training.warmUpSteps}`);
  }
  // What the chosen optimiser would not look at is a mistake, not a wish that may be passed over.
  const isDefault = training.betas[0] === BETAS[0] && training.betas[1] === BETAS[1] && training.epsilon === EPSILON;
  if (training.optimizer === "sgd" && !isDefault) {
    refuse("optimizer", 'expected "adamw" where training.betas or training.epsilon is set, found "sgd"');
  }
  if (training.optimizer === "adamw" && training.momentum !== MOMENTUM) {
    refuse("momentum", 'expected to be left alone under training.optimizer "adamw", which has training.betas instead');
  }
});

const oneOrMore = <T extends z.ZodType>(one: T) => z.union([one.transform((value) => [value]), z.array(one).min(1)]);

/**
 * What is tested: the model after the last step, or the snapshot of a step; which classes, by value or name, `null` for all;
 * from which support case, the fold's own if `null`; and with how many shots.
 */
export const testSchema = z.object({
  snapshot: z.union([z.literal("last"), z.int().min(1)]),
  labels: oneOrMore(z.union([z.int(), z.string()])).nullable(),
  support: z.union([z.string(), z.int().transform(String)]).nullable().default(null),
  shots: oneOrMore(z.int().min(1)).default([1]),
});
