import { UserError } from "../errors.ts";
import { bestInterval, intervalMask } from "../fewshot/baselines.ts";
import { type Counts, countVoxels, score } from "../fewshot/scores.ts";
import { slicePlan, slicesWith } from "../fewshot/support_choice.ts";
import { surfaceDistances } from "../imaging/surface_distance.ts";
import type { Triple } from "../imaging/volume.ts";
import type { segmentSlices } from "./segmenter.ts";

/** How a model is tested: as published, or over whole volumes (contract, the `volume` protocol). */
export type Protocol = "published" | "volume";

/** What a protocol is, for people. */
export const PROTOCOL_MEANING: Readonly<Record<Protocol, string>> = {
  published:
    "Protocol `published`: the query slices that show the class by ground truth are segmented and scored together, " +
    "no others; so a class is never looked for where it is not.",
  volume:
    "Protocol `volume`: every slice of the query is segmented without a look at its ground truth, and scored over the " +
    "whole volume.",
};

/** A standardised test case, x fastest. */
export interface TestCase {
  /** Its id. */
  id: string;
  /** Standardised intensities of every slice. */
  slices: readonly Float32Array<ArrayBuffer>[];
  /** True label of every voxel. */
  labels: ArrayLike<number>;
}

/** Whose masks are compared with the truth: the network, and what needs none (contract, baselines). */
export type Segmenter = "network" | "copy" | "interval";

/** What the test makes of one class in one case. */
export interface TestResult {
  /** Masks on the whole grid, 0 where not tested. */
  masks: Record<Segmenter, Uint8Array<ArrayBuffer>>;
  /** Slices that were tested. */
  slices: number[];
}

/** Segments query slices from one support slice: {@link segmentSlices} with its network. */
export type SegmentSlices = (
  support: Parameters<typeof segmentSlices>[1],
  queries: Parameters<typeof segmentSlices>[2],
) => ReturnType<typeof segmentSlices>;

/**
 * Segments one class in one query case from three slices of the support case, each of which serves a third of the query's
 * slices: of those that show the class as published, else of all (preprocessing reference, test protocol; contract).
 *
 * @param side of a slice in voxels
 * @returns `undefined` if the published protocol has nothing to test, since the query case does not have the class
 * @throws {UserError} if the support case does not have it
 */
export async function testClass(
  segment: SegmentSlices,
  { support, query }: { support: TestCase; query: TestCase },
  { label, name, side, protocol }: { label: number; name: string; side: number; protocol: Protocol },
): Promise<TestResult | undefined> {
  const area = side * side;
  const supportSlices = slicesWith(support.labels, label, area);
  if (supportSlices.length === 0) {
    throw new UserError(
      "data",
      `Cannot test class "${name}": expected it in the support case "${support.id}", found none of its voxels. Choose another --fold`,
    );
  }
  const slices = protocol === "volume" ? [...query.slices.keys()] : slicesWith(query.labels, label, area);
  if (slices.length === 0) return undefined;
  const mask = () => new Uint8Array(query.slices.length * area);
  const masks = { network: mask(), copy: mask(), interval: mask() };
  for (const chunk of slicePlan(supportSlices, slices)) {
    if (chunk.query.length === 0) continue;
    const supportImage = support.slices[chunk.support];
    const supportMask = Float32Array.from(
      { length: area },
      (_, i) => Number(support.labels[chunk.support * area + i] === label),
    );
    const images = chunk.query.map((z) => query.slices[z]);
    const predicted = await segment({ image: supportImage, mask: supportMask }, images);
    const interval = bestInterval(supportImage, supportMask);
    for (const [i, z] of chunk.query.entries()) {
      masks.network.set(predicted[i], z * area);
      masks.copy.set(supportMask, z * area);
      masks.interval.set(intervalMask(images[i], interval), z * area);
    }
  }
  return { masks, slices };
}

/** What is measured; distances in mm and only over whole volumes. */
export type Measure = "dice" | "iou" | "hd95Mm" | "assdMm";

/** The measures of a protocol, in the order of tables. */
export const MEASURES: Readonly<Record<Protocol, readonly Measure[]>> = {
  published: ["dice", "iou"],
  volume: ["dice", "iou", "hd95Mm", "assdMm"],
};

/** Values of the protocol's measures: Dice and IoU in 0..1, distances in mm, `null` where undefined. */
export type Figures = Record<"dice" | "iou", number | null> & { hd95Mm?: number | null; assdMm?: number | null };

/**
 * Compares a mask with the truth. Slices that the published protocol leaves out hold nothing of either, so both protocols
 * count whole grids.
 *
 * @param truth mask, anything but 0 is in it
 */
export function measure(
  mask: Uint8Array,
  truth: Uint8Array,
  { protocol, size, spacing }: { protocol: Protocol; size: Triple; spacing: Triple },
): Figures {
  const counts: Counts = countVoxels(mask, truth);
  return { ...score(counts), ...(protocol === "volume" ? surfaceDistances(mask, truth, { size, spacing }) : {}) };
}
