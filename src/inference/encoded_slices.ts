import { type Comparable, comparable, type Network } from "../dfdt/mod.ts";
import { fromArray, persist, Scope, type Tensor } from "../tensor/mod.ts";

/** What the encoder makes of a slice; its end frees it unless it is kept for others. */
export interface EncodedSlice extends Disposable {
  /** Its features. */
  features: Comparable;
  /** Threshold τ, `[1, 1]`. */
  threshold: Tensor;
}

/** Most GPU memory that features are kept in, in bytes: 60 slices of the published size. */
const LARGEST = 2 ** 30;

/**
 * Encodes each slice once, whatever number of classes is looked for in it and of queries compared with it. Features do
 * not depend on what else was encoded, so nobody can tell by the result.
 */
export class EncodedSlices implements Disposable {
  readonly #kept = new Map<Float32Array, EncodedSlice>();
  #free: (() => void)[] = [];
  #bytes = 0;

  /**
   * Starts empty.
   *
   * @param network whose weights stay as they are meanwhile
   * @param largest bytes that are kept at most; a slice beyond is encoded whenever it is asked for
   */
  constructor(readonly network: Network, readonly largest = LARGEST) {}

  /**
   * The features of a slice: `using slice = slices.of(image)`.
   *
   * @param image standardised intensities, `[H · W]`; a slice is known again by this very array
   */
  of(image: Float32Array<ArrayBuffer>): EncodedSlice {
    const known = this.#kept.get(image);
    if (known) return known;
    const { features, threshold } = this.#encode(image);
    const tensors = [features.features, features.directions, threshold];
    const bytes = tensors.reduce((sum, { byteSize }) => sum + byteSize, 0);
    const free = () => tensors.forEach((tensor) => tensor.release());
    if (this.#bytes + bytes > this.largest) return { features, threshold, [Symbol.dispose]: free };
    this.#bytes += bytes;
    this.#free.push(free);
    const kept = { features, threshold, [Symbol.dispose]: () => {} };
    this.#kept.set(image, kept);
    return kept;
  }

  /** Frees all features. */
  [Symbol.dispose](): void {
    for (const free of this.#free) free();
    this.#free = [];
    this.#kept.clear();
    this.#bytes = 0;
  }

  #encode(image: Float32Array<ArrayBuffer>): { features: Comparable; threshold: Tensor } {
    using _scope = new Scope();
    const { image: side } = this.network.configuration;
    const { features, threshold } = this.network.encode(fromArray(image, [1, side, side]));
    const compared = comparable(features);
    for (const tensor of [compared.features, compared.directions, threshold]) persist(tensor);
    return { features: compared, threshold };
  }
}
