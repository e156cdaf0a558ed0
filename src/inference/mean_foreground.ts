/**
 * Foreground probabilities of query slices, averaged over supports. Test and segmentation share it, so that they agree to the
 * bit.
 */
export class MeanForeground {
  readonly #sums = new Map<number, Float64Array>();
  #supports = 0;

  /** Says that a further support is to be counted: each slice gets one addition from it. */
  nextSupport(): void {
    this.#supports++;
  }

  /** @param predicted foreground probabilities of slice `z`, `[H · W]` */
  add(z: number, predicted: Float32Array): void {
    let sum = this.#sums.get(z);
    if (!sum) this.#sums.set(z, sum = new Float64Array(predicted.length));
    for (let i = 0; i < predicted.length; i++) sum[i] += predicted[i];
  }

  /** The slices that have probabilities. */
  slices(): Iterable<number> {
    return this.#sums.keys();
  }

  /** The mean over supports of slice `z`, `[H · W]`. */
  of(z: number): Float32Array<ArrayBuffer> {
    const supports = this.#supports;
    return Float32Array.from(this.#sums.get(z)!, (sum) => sum / supports);
  }
}
