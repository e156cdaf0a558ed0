/** A standardised case with its supervoxels, in host memory. */
export interface TrainingCase {
  /** Standardised intensities, x fastest. */
  image: Float32Array<ArrayBuffer>;
  /** Supervoxel of every voxel. */
  supervoxels: Int32Array<ArrayBuffer>;
}

/** The training cases of a run. */
export class CaseVolumes {
  readonly #cases = new Map<string, TrainingCase>();

  /** @param side of a slice in voxels */
  constructor(readonly side: number) {}

  /** Adds a case. */
  add(id: string, volume: TrainingCase): void {
    this.#cases.set(id, volume);
  }

  /** Intensities of a slice, `[H · W]`. */
  slice(id: string, z: number): Float32Array<ArrayBuffer> {
    const area = this.side ** 2;
    return this.#case(id).image.slice(z * area, (z + 1) * area);
  }

  /** Where a supervoxel is on a slice, 1 or 0, `[H · W]`. */
  mask(id: string, z: number, supervoxel: number): Float32Array<ArrayBuffer> {
    const area = this.side ** 2;
    return Float32Array.from(
      this.#case(id).supervoxels.subarray(z * area, (z + 1) * area),
      (label) => Number(label === supervoxel),
    );
  }

  #case(id: string): TrainingCase {
    const found = this.#cases.get(id);
    if (!found) throw new RangeError(`Cannot find training case "${id}"`);
    return found;
  }
}
