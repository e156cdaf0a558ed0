import type { ResnetConfiguration, SwinConfiguration } from "../nn/mod.ts";

/** Everything that fixes the shapes of a DFDT network. Constants of the paper stand in the modules that use them. */
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
}

const PATCH = 4, WINDOW = 8;

/** Side n of the feature maps: ⌈⌈H/2⌉/2⌉ (network reference, 2.5). */
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

/**
 * Checks what no shape of the state can show later.
 *
 * @throws {RangeError} naming the value
 */
export function checkConfiguration(configuration: NetworkConfiguration): void {
  const { image, planes, channels, parts, embedding } = configuration;
  const fail = (key: string, expected: string, found: number) => {
    throw new RangeError(`Cannot build the network: expected ${key} ${expected}, found ${found}`);
  };
  if (!Number.isInteger(image) || image < 64) fail("image", "of at least 64 pixels", image);
  if (planes % 4 !== 0) fail("planes", "divisible by 4", planes);
  if (channels % 4 !== 0) fail("channels", "divisible by 4", channels);
  if (embedding % 12 !== 0) fail("embedding", "divisible by 12 (3 heads, groups of 4)", embedding);
  if (parts < 1 || parts > featureSide(configuration) ** 2) {
    fail("parts", "between 1 and the feature map's area", parts);
  }
}
