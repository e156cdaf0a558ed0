import { z } from "zod";
import { configurationFault, type Quirks } from "../dfdt/mod.ts";

const atLeastOne = z.int().min(1);

/** What the published form of a quirk is; docs/training.md has the repaired forms. */
const QUIRKS: Readonly<Record<keyof Quirks, string>> = {
  doubleSigmoidDice: "the Dice loss takes a second sigmoid of the prediction",
  alignThreshold: "the align loss thresholds the support's prediction with the query's threshold",
  boundarySoftmax: "the boundary loss takes a softmax of the two probabilities",
  flooredAffinity: "the limit under which parts are suppressed is rounded down",
  topRowFill: "a support mask of few pixels is filled up with the first pixels of the map",
  sharedSampler: "one stream draws the partitions of all training steps",
};

/** Which quirks of the published network are kept; a default of true each, so that they always stand in parameters. */
const quirksSchema = z.object(
  Object.fromEntries(
    Object.entries(QUIRKS).map(([name, about]) => [name, z.boolean().default(true).describe(`as published: ${about}`)]),
  ) as { [name in keyof Quirks]: z.ZodDefault<z.ZodBoolean> },
);

/** Sizes of the network; see `NetworkConfiguration` in `dfdt`. */
export const networkSchema = z.object({
  image: z.int().min(64).describe("side of a slice in pixels"),
  planes: z.int().min(4).multipleOf(4).describe("base planes of the ResNet"),
  layers: z.tuple([atLeastOne, atLeastOne, atLeastOne, atLeastOne]).describe("bottlenecks of each ResNet stage"),
  classes: atLeastOne.describe("outputs of the ResNet's classifier, from which the threshold is made"),
  channels: z.int().min(4).multipleOf(4).describe("feature channels"),
  parts: atLeastOne.describe("parts into which the foreground of the support is divided"),
  embedding: z.int().min(12).multipleOf(12).describe("embedding of the Swin stage"),
  winograd: z.boolean().default(true).describe(
    "large 3×3 convolutions take Winograd's algorithm, which rounds otherwise",
  ),
  quirks: quirksSchema.prefault({}),
}).superRefine((network, context) => {
  const fault = configurationFault(network);
  if (fault) {
    context.addIssue({
      code: "custom",
      path: [fault.key],
      message: `expected ${fault.expected}, found ${fault.found}`,
    });
  }
});
