import { IGNORED } from "../../imaging/labelling.ts";
import type { Grid } from "../../imaging/geometry.ts";

/** A class that a page shows. */
export interface ShownClass {
  /** Its name. */
  name: string;
  /** Its number in label volumes. */
  number: number;
}

/** How a mask of a class compares with the truth, slice by slice: voxels, `[slices]` each. */
export interface SliceCounts {
  /** Predicted and true. */
  both: Uint32Array;
  /** Predicted alone. */
  extra: Uint32Array;
  /** True alone. */
  missed: Uint32Array;
}

/** What was found in a case. */
export interface CaseAnalysis {
  /** Where its voxels lie. */
  grid: Grid;
  /** By class, in the order of the page's classes; `undefined` for one that this case was not tested for. */
  counts: (SliceCounts | undefined)[];
  /** Position of the predicted class from 1, 0 where none; of classes that overlap the first. */
  predicted: Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer>;
  /** The same for the truth; `undefined` without labels. */
  truth?: Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer>;
}

/**
 * Compares the masks of a case with its labels, one class after the other, so that one mask is held at a time.
 *
 * @param labels class number of every voxel
 * @param maskOf the mask of a class by its position, `undefined` where the case has none
 */
export async function analyzeCase(
  { grid, labels }: { grid: Grid; labels: ArrayLike<number> },
  classes: readonly ShownClass[],
  maskOf: (position: number) => Promise<ArrayLike<number> | undefined>,
): Promise<CaseAnalysis> {
  const [nx, ny, slices] = grid.size, area = nx * ny;
  const predicted = emptyMap(grid, classes.length);
  const { map: truth, voxels: trueVoxels } = mapOfPositions({ grid, labels }, classes.map(({ number }) => number));
  const counts: CaseAnalysis["counts"] = [];
  for (const [position, { number }] of classes.entries()) {
    const mask = await maskOf(position);
    if (!mask) {
      counts.push(undefined);
      continue;
    }
    const both = new Uint32Array(slices), extra = new Uint32Array(slices);
    for (let z = 0; z < slices; z++) {
      let hits = 0, others = 0;
      for (let i = z * area; i < (z + 1) * area; i++) {
        if (mask[i] === 0) continue;
        if (predicted[i] === 0) predicted[i] = position + 1;
        if (labels[i] === number) hits++;
        else if (labels[i] !== IGNORED) others++;
      }
      both[z] = hits;
      extra[z] = others;
    }
    counts.push({ both, extra, missed: trueVoxels[position].map((count, z) => count - both[z]) });
  }
  return { grid, counts, predicted, truth };
}

/**
 * What a mask shows that there is no truth for: every voxel counts as extra.
 *
 * @param mask label value of every voxel
 * @param values of the classes
 */
export function analyzeMask(
  { grid, mask }: { grid: Grid; mask: ArrayLike<number> },
  values: readonly number[],
): CaseAnalysis {
  const { map, voxels } = mapOfPositions({ grid, labels: mask }, values);
  const none = new Uint32Array(grid.size[2]);
  return { grid, predicted: map, counts: voxels.map((extra) => ({ both: none, extra, missed: none })) };
}

function emptyMap({ size: [nx, ny, nz] }: Grid, classes: number): CaseAnalysis["predicted"] {
  return classes > 255 ? new Uint16Array(nx * ny * nz) : new Uint8Array(nx * ny * nz);
}

/** The position of the class from 1 in every voxel, and how many voxels of each a slice has. */
function mapOfPositions(
  { grid, labels }: { grid: Grid; labels: ArrayLike<number> },
  values: readonly number[],
): { map: CaseAnalysis["predicted"]; voxels: Uint32Array[] } {
  const [nx, ny, slices] = grid.size, area = nx * ny;
  const map = emptyMap(grid, values.length), voxels = values.map(() => new Uint32Array(slices));
  const positions = new Map(values.map((value, position) => [value, position]));
  let last = NaN, position: number | undefined;
  for (let i = 0; i < map.length; i++) {
    const label = labels[i];
    if (label === 0) continue;
    if (label !== last) position = positions.get(last = label); // labels come in runs
    if (position === undefined) continue;
    map[i] = position + 1;
    voxels[position][Math.floor(i / area)]++;
  }
  return { map, voxels };
}

/** The slice with most wrong voxels; without any, that with most voxels of the classes; without these, the middle one. */
export function worstSlice(counts: readonly (SliceCounts | undefined)[], slices: number): number {
  const wrong = new Float64Array(slices), all = new Float64Array(slices);
  for (const ofClass of counts) {
    if (!ofClass) continue;
    for (let z = 0; z < slices; z++) {
      wrong[z] += ofClass.extra[z] + ofClass.missed[z];
      all[z] += ofClass.extra[z] + ofClass.missed[z] + ofClass.both[z];
    }
  }
  const largest = (values: Float64Array) => {
    let best = 0;
    for (let z = 1; z < slices; z++) if (values[z] > values[best]) best = z;
    return values[best] > 0 ? best : undefined;
  };
  return largest(wrong) ?? largest(all) ?? slices >> 1;
}

/** The slice that truly shows most of a class; where none does, the one with most wrong voxels. */
export function fullestSlice({ both, extra, missed }: SliceCounts): number {
  let best = 0;
  const voxels = (z: number) => both[z] + missed[z];
  for (let z = 1; z < both.length; z++) if (voxels(z) > voxels(best)) best = z;
  return voxels(best) > 0 ? best : worstSlice([{ both, extra, missed }], both.length);
}

/** Dice of one slice; `null` where nothing is predicted and nothing true. */
export function sliceDice({ both, extra, missed }: SliceCounts, z: number): number | null {
  const all = 2 * both[z] + extra[z] + missed[z];
  return all === 0 ? null : 2 * both[z] / all;
}

/** Dice of a slice by where it lies in the organ. */
export interface SlicePoint {
  /** 0 at the first slice that truly shows the class, 1 at the last one; 0.5 of an organ on one slice. */
  position: number;
  /** In 0..1. */
  dice: number;
}

/** Dice of every slice that truly shows the class. */
export function diceByPosition(counts: SliceCounts): SlicePoint[] {
  const shown: number[] = [];
  for (const [z, hits] of counts.both.entries()) if (hits + counts.missed[z] > 0) shown.push(z);
  const [first, last] = [shown[0], shown[shown.length - 1]];
  return shown.map((z) => ({
    position: last > first ? (z - first) / (last - first) : 0.5,
    dice: sliceDice(counts, z)!,
  }));
}
