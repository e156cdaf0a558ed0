import { z } from "zod";
import { networkSchema, testSchema, trainingSchema } from "../../src/stages/configuration.ts";

/** Configuration that every experiment has. */
export const commonSchema = z.object({
  network: networkSchema,
  training: trainingSchema,
  supervoxels: z.object({ minVoxels: z.int().min(1) }),
  test: testSchema,
});

type Common = z.input<typeof commonSchema>;

/** The published values at a side of 257, and what the smaller presets change (contract, presets). */
export function presetConfiguration(preset: "paper" | "laptop" | "tiny"): Common {
  const scaled = (side: number) => ({
    minArea: Math.round(200 * (side / 257) ** 2),
    shift: 5 * side / 257,
    amplitude: 10 * side / 257,
    sigma: 5 * side / 257,
  });
  const paper: Common = {
    network: { image: 257, planes: 64, layers: [3, 4, 23, 3], classes: 1000, channels: 512, parts: 100, embedding: 96 },
    training: {
      steps: 40000,
      snapshotEvery: 5000,
      learningRate: 1e-3,
      schedule: "steps",
      dropEvery: 5000,
      dropFactor: 0.98,
      momentum: 0.9,
      weightDecay: 5e-4,
      clipNorm: 0,
      thresholdBias: null,
      ...scaled(257),
    },
    supervoxels: { minVoxels: 5000 },
    test: { snapshot: 30000, labels: null },
  };
  const recipe = {
    ...paper.training,
    learningRate: 1e-2,
    schedule: "cosine" as const,
    clipNorm: 5,
    thresholdBias: -14,
  };
  switch (preset) {
    case "paper":
      return paper;
    case "laptop":
      return {
        network: {
          image: 129,
          planes: 32,
          layers: [3, 4, 6, 3],
          classes: 200,
          channels: 256,
          parts: 50,
          embedding: 48,
        },
        training: { ...recipe, ...scaled(129), steps: 5000, snapshotEvery: 500 },
        supervoxels: { minVoxels: 1200 },
        test: { snapshot: "last", labels: null },
      };
    case "tiny":
      return {
        network: { image: 97, planes: 16, layers: [1, 2, 3, 1], classes: 40, channels: 128, parts: 20, embedding: 24 },
        training: { ...recipe, ...scaled(97), steps: 800, snapshotEvery: 50 },
        supervoxels: { minVoxels: 150 },
        test: { snapshot: "last", labels: null },
      };
  }
}
