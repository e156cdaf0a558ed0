import { z } from "zod";
import { testSchema, trainingSchema } from "../../src/dfdt_training/configuration.ts";
import { networkSchema } from "../../src/model/network_schema.ts";

/** Configuration that every experiment has. */
export const commonSchema = z.object({
  network: networkSchema,
  training: trainingSchema,
  supervoxels: z.object({ minVoxels: z.int().min(1).describe("smallest supervoxel in voxels") }),
  test: testSchema,
});

/** How MR of the published sets is normalised. */
export const mrSchema = z.object({
  cutPercent: z.number().min(0).max(100).describe("share of the highest intensities that is cut, in percent"),
  sliceSpacingMm: z.number().positive().describe("distance of the slices in mm"),
});

type Common = z.input<typeof commonSchema>;

type Preset = "paper" | "laptop" | "tiny";

/** Smallest supervoxel in voxels. */
const MIN_VOXELS = { paper: 5000, laptop: 1200, tiny: 150 };

/**
 * Smallest supervoxel of CMR, whose volumes have a tenth of the slices of others (docs/reference/preprocessing.md, 8).
 */
export const CMR_MIN_VOXELS: Record<Preset, number> = { paper: 1000, laptop: 250, tiny: 50 };

/**
 * The published values, and what the smaller presets change (docs/command-line.md, "Presets").
 *
 * @param options.even sides of 256, 128 and 96, as of CHAOST2 and CMR, instead of 257, 129 and 97
 * @param options.minVoxels smallest supervoxel in voxels
 * @param options.snapshot step that `paper` tests
 */
export function presetConfiguration(
  preset: Preset,
  { even = false, minVoxels = MIN_VOXELS, snapshot = 30000 }: {
    even?: boolean;
    minVoxels?: Record<Preset, number>;
    snapshot?: number;
  } = {},
): Common {
  const published = even ? 256 : 257;
  const sides = even ? { paper: 256, laptop: 128, tiny: 96 } : { paper: 257, laptop: 129, tiny: 97 };
  const scaled = (side: number) => ({
    minArea: Math.round(200 * (side / published) ** 2),
    shift: 5 * side / published,
    amplitude: 10 * side / published,
    sigma: 5 * side / published,
  });
  const supervoxels = { minVoxels: minVoxels[preset] };
  const paper: Common = {
    network: {
      image: sides.paper,
      planes: 64,
      layers: [3, 4, 23, 3],
      classes: 1000,
      channels: 512,
      parts: 100,
      embedding: 96,
    },
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
      ...scaled(sides.paper),
    },
    supervoxels,
    test: { snapshot, labels: null },
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
          image: sides.laptop,
          planes: 32,
          layers: [3, 4, 6, 3],
          classes: 200,
          channels: 256,
          parts: 50,
          embedding: 48,
        },
        training: { ...recipe, ...scaled(sides.laptop), steps: 5000, snapshotEvery: 500 },
        supervoxels,
        test: { snapshot: "last", labels: null },
      };
    case "tiny":
      return {
        network: {
          image: sides.tiny,
          planes: 16,
          layers: [1, 2, 3, 1],
          classes: 40,
          channels: 128,
          parts: 20,
          embedding: 24,
        },
        training: { ...recipe, ...scaled(sides.tiny), steps: 800, snapshotEvery: 50 },
        supervoxels,
        test: { snapshot: "last", labels: null },
      };
  }
}
