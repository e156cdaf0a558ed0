import type { ResnetConfiguration, SwinConfiguration } from "../nn/mod.ts";

/**
 * Published behaviour that one would not expect: true is as published, false the repaired form (docs/training.md). None of
 * them changes a shape, so that weights fit either way.
 */
export interface Quirks {
  /** The Dice loss takes a second sigmoid of the prediction, which is a probability already. */
  doubleSigmoidDice: boolean;
  /** The align loss thresholds the support's prediction with the query's τ. */
  alignThreshold: boolean;
  /** The boundary loss takes a softmax of the two probabilities. */
  boundarySoftmax: boolean;
  /** The limit kc, below which parts are suppressed, is rounded down to an integer. */
  flooredAffinity: boolean;
  /** With fewer foreground pixels than parts the first pixels of the map, its top row, join the foreground. */
  topRowFill: boolean;
  /** In training the draws of the partition come from one stream, so that a step depends on those before it. */
  sharedSampler: boolean;
}

/** The published network. */
export const PUBLISHED_QUIRKS: Readonly<Quirks> = {
  doubleSigmoidDice: true,
  alignThreshold: true,
  boundarySoftmax: true,
  flooredAffinity: true,
  topRowFill: true,
  sharedSampler: true,
};

/** Everything that fixes what a DFDT network computes: its shapes, its rounding and its quirks. Constants of the paper stand in the modules that use them. */
export interface NetworkConfiguration {
  /** Side of a slice in pixels, at least 64. */
  image: number;
  /** Base planes of the ResNet. */
  planes: number;
  /** Bottlenecks per ResNet stage. */
  layers: [number, number, number, number];
  /** Outputs of the ResNet's classifier, from which the threshold is made. */
  classes: number;
  /** Feature channels C. */
  channels: number;
  /** Foreground partitions K. */
  parts: number;
  /** Embedding of the Swin stage. */
  embedding: number;
  /** Large 3×3 convolutions take Winograd's algorithm, true unless given: the same network, rounded otherwise. */
  winograd?: boolean;
  /** What is as published; all of it unless given. */
  quirks?: Partial<Quirks>;
}

/** All quirks of a network, those of the published one where it does not say. */
export function quirksOf({ quirks }: NetworkConfiguration): Quirks {
  return { ...PUBLISHED_QUIRKS, ...quirks };
}

const PATCH = 4, WINDOW = 8;

/** Side n of the feature maps: ⌈⌈H/2⌉/2⌉ (docs/reference/network.md, 2.5). */
export function featureSide({ image }: NetworkConfiguration): number {
  return Math.ceil(Math.ceil(image / 2) / 2);
}

/** The ResNet's part of the configuration. */
export function resnetPart({ planes, layers }: NetworkConfiguration): ResnetConfiguration {
  return { planes, layers };
}

/** The Swin stage's part: it sees the largest crop that whole windows fill. */
export function swinPart({ image, embedding }: NetworkConfiguration): SwinConfiguration {
  const multiple = PATCH * WINDOW;
  const crop = Math.floor(image / multiple) * multiple;
  return { crop, image, patch: PATCH, window: WINDOW, embedding, heads: 3, ratio: 4 };
}

/** A value from which no network can be built. */
export interface ConfigurationFault {
  /** Which of the sizes. */
  key: keyof NetworkConfiguration;
  /** What it has to be. */
  expected: string;
  /** What it is. */
  found: number;
}

/** What no shape of the state can show later: the first size that cannot be; `undefined` where a network can be built. */
export function configurationFault(configuration: NetworkConfiguration): ConfigurationFault | undefined {
  const { image, planes, channels, parts, embedding } = configuration;
  if (!Number.isInteger(image) || image < 64) return { key: "image", expected: "at least 64 pixels", found: image };
  for (const [key, found] of Object.entries({ planes, channels })) {
    if (found % 4 !== 0) return { key: key as "planes" | "channels", expected: "a number that 4 divides", found };
  }
  if (embedding % 12 !== 0) {
    return { key: "embedding", expected: "a number that 12 divides (3 heads, groups of 4)", found: embedding };
  }
  const area = featureSide(configuration) ** 2;
  if (parts < 1 || parts > area) {
    return { key: "parts", expected: `1 to ${area}, the area of the feature map`, found: parts };
  }
}

/**
 * Checks that a network can be built.
 *
 * @throws {RangeError} naming the value
 */
export function checkConfiguration(configuration: NetworkConfiguration): void {
  const fault = configurationFault(configuration);
  if (!fault) return;
  throw new RangeError(`Cannot build the network: expected ${fault.key} of ${fault.expected}, found ${fault.found}`);
}
