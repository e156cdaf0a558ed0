import assert from "node:assert/strict";
import { z } from "zod";
import { UserError } from "../src/errors.ts";
import { configure } from "../src/pipeline/mod.ts";
import { trainingSchema } from "../src/dfdt_training/configuration.ts";
import { networkSchema } from "../src/model/network_schema.ts";

const schema = z.object({ network: networkSchema, training: trainingSchema });

/** What a preset gives. */
const DEFAULTS: z.input<typeof schema> = {
  network: { image: 257, planes: 64, layers: [3, 4, 23, 3], classes: 1000, channels: 512, parts: 100, embedding: 96 },
  training: {
    steps: 40000,
    snapshotEvery: 5000,
    minArea: 200,
    learningRate: 1e-3,
    schedule: "steps",
    dropEvery: 5000,
    dropFactor: 0.98,
    momentum: 0.9,
    weightDecay: 5e-4,
    clipNorm: 0,
    thresholdBias: null,
    shift: 5,
    amplitude: 10,
    sigma: 5,
  },
};

function configured(...settings: string[]) {
  return configure(schema, DEFAULTS, settings);
}

Deno.test("networkSchema names every quirk, as published unless one is set", () => {
  const { quirks } = configured("network.quirks.alignThreshold=false").network;
  assert.equal(quirks.alignThreshold, false);
  assert.equal(Object.values(quirks).filter((kept) => kept).length, 5);
  const all = configured().network.quirks;
  assert.deepEqual([...new Set(Object.values(all))], [true]);
  assert.throws(
    () => configured("network.quirks.alinThreshold=false"),
    /did you mean "network\.quirks\.alignThreshold"/,
  );
  assert.throws(
    () => configured("network.quirks.topRowFill=no"),
    /network\.quirks\.topRowFill: expected true or false, found "no"/,
  );
});

Deno.test("trainingSchema has every option off that a preset does not name", () => {
  const { optimizer, warmUpSteps, freezeBatchNorm } = configured().training;
  assert.deepEqual([optimizer, warmUpSteps, freezeBatchNorm], ["sgd", 0, false]);
});

for (
  const [settings, message] of [
    [["training.optimizer=adam"], /training\.optimizer: expected "sgd" or "adamw", found "adam"/],
    [["training.betas=[0.9,0.95]"], /training\.optimizer: expected "adamw" where training\.betas .* found "sgd"/],
    [["training.epsilon=1e-6"], /training\.optimizer: expected "adamw"/],
    [
      ["training.optimizer=adamw", "training.betas=[0.9,1]"],
      /training\.betas: expected a list of 2, each a number of at least 0 and below 1, found \[0\.9,1\]/,
    ],
    [["training.optimizer=adamw", "training.momentum=0.8"], /training\.momentum: expected to be left alone/],
    [["training.warmUpSteps=40000"], /training\.warmUpSteps: expected fewer than the 40000 of training\.steps/],
    [["network.parts=5000"], /network\.parts: expected 1 to 4225, the area of the feature map, found 5000/],
    [["network.planes=63"], /network\.planes: expected a whole number of at least 4 that 4 divides, found 63/],
    [["network.layers=3"], /network\.layers: expected a list of 4, each a whole number of at least 1, found 3/],
    [["training.freezeBatchNorm=1"], /training\.freezeBatchNorm: expected true or false, found 1/],
  ] as const
) {
  Deno.test(`trainingSchema refuses ${settings.join(" ")} with a reason`, () => {
    assert.throws(() => configured(...settings), (error) => {
      return error instanceof UserError && error.exitCode === 2 && message.test(error.message);
    });
  });
}
