import { type RecipeMap, undoByPlanes } from "../imaging/recipe.ts";
import type { Triple, Volume, VoxelArray } from "../imaging/volume.ts";
import type { ModelClass } from "./model_facts.ts";
import type { ClassForeground } from "./query_foreground.ts";

/** What is found of a class in a scan. */
export interface SegmentedClass extends ModelClass {
  /** Voxels of its mask. */
  voxels: number;
  /** Their volume. */
  millilitres: number;
  /** Slices that show it. */
  slices: number;
  /**
   * Mean over the mask of the standard deviation of the probability between all support slices and shots, 0 to 0.5; none with
   * a single one, or without a voxel.
   */
  disagreement?: number;
}

/** The mask of several classes on a scan's own grid, one class after another: the most probable above one half wins. */
export class MaskOfClasses {
  /** The classes' values, 0 where none passes one half. */
  readonly mask: Volume;
  /** Probability that a further class has to pass. */
  readonly #best: Float32Array;
  /** Deviation of the winner's probability; none until a class has one. */
  #deviation: Float32Array | undefined;
  /** Values of the classes that have one. */
  readonly #spread = new Set<number>();

  /**
   * @param scan whose grid it is
   * @param classes all that will be added
   */
  constructor({ data, size, spacing, affine }: Volume, readonly classes: readonly ModelClass[]) {
    this.mask = { data: maskArray(data.length, classes), size, spacing, affine };
    this.#best = new Float32Array(data.length).fill(0.5);
  }

  /** Adds what was found of a class. */
  add({ value, mean, deviation }: ClassForeground, map: RecipeMap): void {
    const { data } = this.mask, best = this.#best;
    if (deviation) {
      this.#deviation ??= new Float32Array(best.length);
      this.#spread.add(value);
    }
    const deviations = deviation && undoByPlanes(deviation, map);
    let first = 0;
    for (const plane of undoByPlanes(mean, map)) {
      const spread = deviations?.next().value;
      for (let p = 0, i = first; p < plane.length; p++, i++) {
        if (!(plane[p] > best[i])) continue;
        best[i] = plane[p];
        data[i] = value;
        if (this.#deviation) this.#deviation[i] = spread ? spread[p] : 0;
      }
      first += plane.length;
    }
  }

  /** Clears all slices but those from the first up to, not including, the second. */
  keepSlices([first, end]: readonly [number, number], axis: number): void {
    const { data, size } = this.mask;
    forEachSliceOfRows(size, axis, (slice, start, stop) => {
      if (slice < first || slice >= end) data.fill(0, start, stop);
    });
  }

  /**
   * Counts the voxels of every class.
   *
   * @param axis of the slices
   */
  count(axis: number): SegmentedClass[] {
    const { data, size, affine } = this.mask;
    const counts = new Map(
      this.classes.map(({ value }) => [value, { voxels: 0, deviation: 0, slices: new Set<number>() }]),
    );
    forEachSliceOfRows(size, axis, (slice, start, stop) => {
      for (let i = start; i < stop; i++) {
        if (data[i] === 0) continue;
        const found = counts.get(data[i])!;
        found.voxels++;
        found.slices.add(slice);
        found.deviation += this.#deviation?.[i] ?? 0;
      }
    });
    const millilitres = voxelMillilitres(affine);
    return this.classes.map((one) => {
      const { voxels, slices, deviation } = counts.get(one.value)!;
      const disagreement = this.#spread.has(one.value) && voxels > 0 ? { disagreement: deviation / voxels } : {};
      return { ...one, voxels, millilitres: voxels * millilitres, slices: slices.size, ...disagreement };
    });
  }
}

/** Walks over the voxels in pieces that lie in one slice each. */
function forEachSliceOfRows(
  [nx, ny, nz]: Triple,
  axis: number,
  visit: (slice: number, start: number, stop: number) => void,
): void {
  if (axis === 2) { for (let z = 0; z < nz; z++) visit(z, z * nx * ny, (z + 1) * nx * ny); }
  if (axis === 1) { for (let row = 0; row < ny * nz; row++) visit(row % ny, row * nx, (row + 1) * nx); }
  if (axis === 0) { for (let i = 0; i < nx * ny * nz; i++) visit(i % nx, i, i + 1); }
}

/** Room for values of classes and 0, as small as they allow. */
function maskArray(length: number, classes: readonly ModelClass[]): VoxelArray {
  const values = classes.map(({ value }) => value);
  const lowest = Math.min(0, ...values), highest = Math.max(0, ...values);
  if (lowest < -(2 ** 15) || highest >= 2 ** 16 || lowest < 0 && highest >= 2 ** 15) return new Int32Array(length);
  if (lowest < 0) return new Int16Array(length);
  return highest < 2 ** 8 ? new Uint8Array(length) : new Uint16Array(length);
}

function voxelMillilitres([a, b, c, , d, e, f, , g, h, i]: readonly number[]): number {
  return Math.abs(a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)) / 1000;
}
