import { UserError } from "../errors.ts";
import { bestInterval, intervalMask } from "../fewshot/baselines.ts";
import { type Counts, countVoxels, score } from "../fewshot/scores.ts";
import { slicePlan, slicesWith } from "../fewshot/support_choice.ts";
import { surfaceDistances } from "../imaging/surface_distance.ts";
import type { Triple } from "../imaging/volume.ts";
import { argmaxMask } from "./argmax.ts";
import { MeanForeground } from "./mean_foreground.ts";
import type { foregroundOfSlices } from "./segmenter.ts";

/** How a model is tested: as published, or over whole volumes (docs/command-line.md, "The `volume` protocol"). */
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

/** Whose masks are compared with the truth: the network, and what needs none (docs/command-line.md, "Baselines"). */
export type Segmenter = "network" | "copy" | "interval";

/** What the test makes of one class in one case. */
export interface TestResult {
  /** Masks on the whole grid, 0 where not tested; the network's with the first number of shots. */
  masks: Record<Segmenter, Uint8Array<ArrayBuffer>>;
  /** The network's masks by number of shots. */
  byShots: Map<number, Uint8Array<ArrayBuffer>>;
  /** The network's foreground probability in percent with the first number of shots, on the whole grid, 0 where not tested. */
  probability: Uint8Array<ArrayBuffer>;
  /** Slices that were tested. */
  slices: number[];
}

/** Foreground probabilities of query slices from one support slice: {@link foregroundOfSlices} with its network. */
export type SegmentSlices = (
  support: Parameters<typeof foregroundOfSlices>[1],
  queries: Parameters<typeof foregroundOfSlices>[2],
  id: string,
) => ReturnType<typeof foregroundOfSlices>;

/**
 * Segments one class in one query case from three slices of every support case, each of which serves a third of the
 * query's slices: of those that show the class as published, else of all (docs/reference/preprocessing.md, 12;
 * docs/command-line.md, "The `volume` protocol"). With several shots the foreground probabilities of the supports are
 * averaged; a further support without the class is passed over. The baselines are those of the first.
 *
 * @param segment is told from which support case
 * @param cases.supports the first K of them are K shots; the first one has to show the class
 * @param options.side of a slice in voxels
 * @param options.shots numbers of shots
 * @returns `undefined` if the published protocol has nothing to test, since the query case does not have the class
 * @throws {UserError} if the first support case does not have it
 */
export async function testClass(
  segment: SegmentSlices,
  { supports, query }: { supports: readonly TestCase[]; query: TestCase },
  { label, name, side, protocol, shots }: {
    label: number;
    name: string;
    side: number;
    protocol: Protocol;
    shots: readonly number[];
  },
): Promise<TestResult | undefined> {
  const area = side * side;
  const slices = protocol === "volume" ? [...query.slices.keys()] : slicesWith(query.labels, label, area);
  const plans = supports.map((support) => {
    const shown = slicesWith(support.labels, label, area);
    return shown.length === 0 ? [] : slicePlan(shown, slices).filter((chunk) => chunk.query.length > 0);
  });
  if (slicesWith(supports[0].labels, label, area).length === 0) {
    throw new UserError(
      "data",
      `Cannot test class "${name}": expected it in the support case "${supports[0].id}", found none of its voxels`,
    );
  }
  if (slices.length === 0) return undefined;
  const mask = () => new Uint8Array(query.slices.length * area);
  const copy = mask(), interval = mask();
  const byShots = new Map(shots.map((count) => [count, mask()]));
  const probability = mask();
  const foreground = new MeanForeground();
  for (const [position, support] of supports.entries()) {
    if (plans[position].length > 0) foreground.nextSupport();
    for (const chunk of plans[position]) {
      const image = support.slices[chunk.support];
      const first = chunk.support * area;
      const supportMask = Float32Array.from({ length: area }, (_, i) => Number(support.labels[first + i] === label));
      const images = chunk.query.map((z) => query.slices[z]);
      const predicted = await segment({ image, mask: supportMask }, images, support.id);
      const best = position === 0 ? bestInterval(image, supportMask) : undefined;
      for (const [i, z] of chunk.query.entries()) {
        foreground.add(z, predicted[i]);
        if (!best) continue;
        copy.set(supportMask, z * area);
        interval.set(intervalMask(images[i], best), z * area);
      }
    }
    const result = byShots.get(position + 1);
    if (result) {
      for (const z of foreground.slices()) {
        const mean = foreground.of(z);
        result.set(argmaxMask(mean), z * area);
        if (position + 1 === shots[0]) probability.set(mean.map((p) => Math.round(100 * p)), z * area);
      }
    }
  }
  return { masks: { network: byShots.get(shots[0])!, copy, interval }, byShots, probability, slices };
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
