import type { Network } from "../dfdt/mod.ts";
import { UserError } from "../errors.ts";
import { bestInterval, intervalMask } from "../fewshot/baselines.ts";
import { addCounts, type Counts, countVoxels } from "../fewshot/scores.ts";
import { slicePlan, slicesWith } from "../fewshot/support_choice.ts";
import { segmentSlices } from "./segmenter.ts";

/** A standardised test case, x fastest. */
export interface TestCase {
  /** Its id. */
  id: string;
  /** Standardised intensities. */
  image: Float32Array<ArrayBuffer>;
  /** True label of every voxel. */
  labels: ArrayLike<number>;
}

/** What the test finds of one class in one case. */
export interface TestResult {
  /** Predicted mask on the whole grid, 0 where not tested. */
  mask: Uint8Array<ArrayBuffer>;
  /** Slices that were tested. */
  slices: number[];
  /** Voxel counts of the network and of both baselines over these slices. */
  counts: { network: Counts; copy: Counts; interval: Counts };
}

const NONE: Counts = { truePositive: 0, falsePositive: 0, falseNegative: 0 };

/**
 * Tests one class in one query case as published: three support slices, each segments a third of the query slices that show
 * the class (preprocessing reference, test protocol).
 *
 * @param side of a slice in voxels
 * @returns `undefined` if the query case does not have the class
 * @throws {UserError} if the support case does not have it
 */
export async function testClass(
  network: Network,
  { support, query }: { support: TestCase; query: TestCase },
  { label, name, side }: { label: number; name: string; side: number },
): Promise<TestResult | undefined> {
  const area = side * side;
  const supportSlices = slicesWith(support.labels, label, area);
  if (supportSlices.length === 0) {
    throw new UserError(
      "data",
      `Cannot test class "${name}": expected it in the support case "${support.id}", found none of its voxels. Choose another --fold`,
    );
  }
  const querySlices = slicesWith(query.labels, label, area);
  if (querySlices.length === 0) return undefined;
  const mask = new Uint8Array(query.image.length);
  const counts = { network: NONE, copy: NONE, interval: NONE };
  for (const chunk of slicePlan(supportSlices, querySlices)) {
    if (chunk.query.length === 0) continue;
    const imageOf = (one: TestCase, z: number) => one.image.slice(z * area, (z + 1) * area);
    const maskOf = (one: TestCase, z: number) => {
      return Float32Array.from({ length: area }, (_, i) => Number(one.labels[z * area + i] === label));
    };
    const supportImage = imageOf(support, chunk.support), supportMask = maskOf(support, chunk.support);
    const images = chunk.query.map((z) => imageOf(query, z));
    const predicted = await segmentSlices(network, { image: supportImage, mask: supportMask }, images);
    const interval = bestInterval(supportImage, supportMask);
    for (const [i, z] of chunk.query.entries()) {
      mask.set(predicted[i], z * area);
      const truth = maskOf(query, z);
      counts.network = addCounts(counts.network, countVoxels(predicted[i], truth));
      counts.copy = addCounts(counts.copy, countVoxels(supportMask, truth));
      counts.interval = addCounts(counts.interval, countVoxels(intervalMask(images[i], interval), truth));
    }
  }
  return { mask, slices: querySlices, counts };
}
