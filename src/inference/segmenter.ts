import type { Network, Support } from "../dfdt/mod.ts";
import { settlePools } from "../gpu/mod.ts";
import { fromArray, persist, reshape, Scope, type Tensor, toArrays } from "../tensor/mod.ts";
import { argmaxMask } from "./argmax.ts";
import { type EncodedSlice, EncodedSlices } from "./encoded_slices.ts";

/** Most query slices that are computed before one wait for their masks. */
const SLICES_PER_READ = 8;

/**
 * Segments query slices from one support slice.
 *
 * The sampler starts anew for every support slice, so that a prediction does not depend on those before it.
 *
 * @param support standardised intensities and 0/1 mask, `[H · W]`
 * @param queries standardised intensities, `[H · W]` each
 * @param known keeps the features of these slices for whoever needs them again
 * @returns foreground probabilities, `[H · W]` each
 */
export async function foregroundOfSlices(
  network: Network,
  support: { image: Float32Array<ArrayBuffer>; mask: Float32Array<ArrayBuffer> },
  queries: readonly Float32Array<ArrayBuffer>[],
  known: { support: EncodedSlices; queries: EncodedSlices } = keptByNobody(network),
): Promise<Float32Array<ArrayBuffer>[]> {
  const { image: side } = network.configuration;
  using _scope = new Scope();
  network.sampler.reset();
  using encoded = known.support.of(support.image);
  const from = network.support(encoded.features, encoded.threshold, fromArray(support.mask, [1, side, side, 1]));
  const probabilities: Float32Array<ArrayBuffer>[] = [];
  for (let first = 0; first < queries.length; first += SLICES_PER_READ) {
    settlePools();
    const batch = queries.slice(first, first + SLICES_PER_READ).map((query) => {
      using slice = known.queries.of(query);
      return predict(network, from, slice, side);
    });
    probabilities.push(...await toArrays(batch));
    for (const prediction of batch) prediction.release();
  }
  return probabilities;
}

/** The same as 0/1 masks. */
export async function segmentSlices(
  ...[network, support, queries, known]: Parameters<typeof foregroundOfSlices>
): Promise<Uint8Array<ArrayBuffer>[]> {
  return (await foregroundOfSlices(network, support, queries, known)).map(argmaxMask);
}

function keptByNobody(network: Network): { support: EncodedSlices; queries: EncodedSlices } {
  const none = new EncodedSlices(network, 0);
  return { support: none, queries: none };
}

function predict(network: Network, support: Support, { features, threshold }: EncodedSlice, side: number): Tensor {
  using _scope = new Scope();
  const { prediction } = network.query(support, features, threshold);
  return persist(reshape(prediction, [side * side]));
}
