import { comparable, type Network, type Support } from "../dfdt/mod.ts";
import { fromArray, persist, reshape, Scope, type Tensor, toArrays } from "../tensor/mod.ts";
import { argmaxMask } from "./argmax.ts";

/** Most query slices that are computed before one wait for their masks. */
const SLICES_PER_READ = 8;

/**
 * Segments query slices from one support slice.
 *
 * The sampler starts anew for every support slice, so that a prediction does not depend on those before it.
 *
 * @param support standardised intensities and 0/1 mask, `[H · W]`
 * @param queries standardised intensities, `[H · W]` each
 * @returns 0/1 masks, `[H · W]` each
 */
export async function segmentSlices(
  network: Network,
  support: { image: Float32Array<ArrayBuffer>; mask: Float32Array<ArrayBuffer> },
  queries: readonly Float32Array<ArrayBuffer>[],
): Promise<Uint8Array<ArrayBuffer>[]> {
  const { image: side } = network.configuration;
  using _scope = new Scope();
  network.sampler.reset();
  const known = encodeSupport(network, support, side);
  const masks: Uint8Array<ArrayBuffer>[] = [];
  for (let first = 0; first < queries.length; first += SLICES_PER_READ) {
    const batch = queries.slice(first, first + SLICES_PER_READ).map((query) => predict(network, known, query, side));
    masks.push(...(await toArrays(batch)).map(argmaxMask));
    for (const prediction of batch) prediction.release();
  }
  return masks;
}

function encodeSupport(
  network: Network,
  { image, mask }: { image: Float32Array<ArrayBuffer>; mask: Float32Array<ArrayBuffer> },
  side: number,
): Support {
  const { features, threshold } = network.encode(fromArray(image, [1, side, side]));
  return network.support(comparable(features), threshold, fromArray(mask, [1, side, side, 1]));
}

function predict(network: Network, support: Support, image: Float32Array<ArrayBuffer>, side: number): Tensor {
  using _scope = new Scope();
  const { features, threshold } = network.encode(fromArray(image, [1, side, side]));
  const { prediction } = network.query(support, comparable(features), threshold);
  return persist(reshape(prediction, [side * side]));
}
