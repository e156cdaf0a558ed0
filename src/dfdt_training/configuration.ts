import { z } from "zod";

/** What an optimiser has unless told otherwise. */
const MOMENTUM = 0.9, BETAS = [0.9, 0.999] as const, EPSILON = 1e-8;

/** The training recipe; what has a default is off under every preset (docs/training.md). */
export const trainingSchema = z.object({
  steps: z.int().min(0).describe("training steps; 0 trains nothing: the initial weights are tested as they are"),
  snapshotEvery: z.int().min(1).describe("steps between snapshots"),
  minArea: z.int().min(1).describe("smallest area of a supervoxel on a slice to train on, in pixels"),
  learningRate: z.number().positive().describe("learning rate of the first step"),
  schedule: z.enum(["steps", "cosine"]).describe("how the learning rate falls"),
  dropEvery: z.int().min(1).describe('of schedule "steps": steps between two drops'),
  dropFactor: z.number().positive().describe('of schedule "steps": what the rate is multiplied with'),
  momentum: z.number().min(0).max(1).describe("of SGD"),
  weightDecay: z.number().min(0).describe("decay of all parameters"),
  clipNorm: z.number().min(0).describe("largest L2 norm of the gradients; 0: none"),
  optimizer: z.enum(["sgd", "adamw"]).default("sgd").describe("which optimiser"),
  betas: z.tuple([z.number().min(0).lt(1), z.number().min(0).lt(1)]).default([...BETAS]).describe(
    "of AdamW: shares of the moments that stay",
  ),
  epsilon: z.number().positive().default(EPSILON).describe("of AdamW: added to the root of the second moment"),
  warmUpSteps: z.int().min(0).default(0).describe("steps over which the learning rate rises"),
  freezeBatchNorm: z.boolean().default(false).describe("batch norms keep their running statistics"),
  checkpoint: z.boolean().default(false).describe("half the memory for a third more time, with the same numbers"),
  thresholdBias: z.number().nullable().describe("start of the threshold's bias; null: as drawn"),
  shift: z.number().min(0).describe("augmentation: largest shift in pixels"),
  amplitude: z.number().min(0).describe("augmentation: elastic displacement in pixels"),
  sigma: z.number().positive().describe("augmentation: smoothing of the displacement in pixels"),
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

/** What is tested. */
export const testSchema = z.object({
  snapshot: z.union([z.literal("last"), z.int().min(1)]).describe(
    "the model after the last step, or the snapshot of a step",
  ),
  labels: oneOrMore(z.union([z.int(), z.string()])).nullable().describe(
    "classes that are tested, by name or value; null: all",
  ),
  support: z.union([z.string(), z.int().transform(String)]).nullable().default(null)
    .describe("the support case; null: the fold's own"),
  shots: oneOrMore(z.int().min(1)).default([1]).describe("numbers of support cases, one table column each"),
  largest: z.boolean().default(false).describe("keeps only the largest component of each mask"),
});
