import { arrayLike, type Volume } from "./volume.ts";

/** Which stored value of a label file is which class. */
export interface Labelling {
  /** Stored value of every class, background first: class number k is stored as `values[k]`. */
  values: readonly number[];
  /** Stored value of voxels that nobody annotated. */
  ignore?: number;
}

/** Class number of voxels that nobody annotated: no class, and counted in no score. */
export const IGNORED = 65535;

/** Label values of a file that are not whole, or no class. */
export class LabelFault extends Error {
  /**
   * @param found the values, ascending
   * @param isSoft whether some are shares of a class, as of a probability map
   */
  constructor(readonly found: readonly number[], readonly isSoft: boolean) {
    super(`unexpected label values ${found.join(", ")}`);
  }
}

/** How far a stored value may be from a whole number: a share of it, and at most so much; of 0, so much. */
const ROUNDING_SHARE = 0.01, MOST_ROUNDING = 0.05, ROUNDING_OF_ZERO = 1e-3;

/** Different values of a label map beyond which it is a picture, not a label map. */
export const MOST_VALUES = 5000;

/** The different values in a label map; whoever wants to know whether it is one needs no more than `most`. */
export function valuesOf({ data }: Pick<Volume, "data">, most = MOST_VALUES): Set<number> {
  const found = new Set<number>();
  let last: number | undefined; // labels come in runs
  for (let i = 0; i < data.length && found.size < most; i++) {
    if (data[i] !== last) found.add(last = data[i]);
  }
  return found;
}

/** The whole number that a stored value stands for; `undefined` if it is none. */
export function wholeLabel(value: number): number | undefined {
  const whole = Math.round(value) + 0, off = Math.abs(value - whole);
  const allowed = whole === 0 ? ROUNDING_OF_ZERO : Math.min(MOST_ROUNDING, ROUNDING_SHARE * Math.abs(whole));
  return off <= allowed ? whole : undefined;
}

/** Labels as class numbers, and values that were rounded. */
export interface ClassNumbers {
  /** Class number of every voxel, or {@link IGNORED}. */
  volume: Volume;
  /** Stored values that were no whole numbers, ascending. */
  rounded: number[];
}

/**
 * Replaces stored label values by class numbers. Labels that hold these already come back as they are, in the type of the
 * file.
 *
 * @throws {LabelFault} for a value that is none of them
 */
export function classNumbers(labels: Volume, { values, ignore }: Labelling): ClassNumbers {
  const numbers = new Map(values.map((value, number) => [value, number]));
  if (ignore !== undefined) numbers.set(ignore, IGNORED);
  const found = [...valuesOf(labels)].sort((a, b) => a - b);
  const whole = new Map(found.map((value) => [value, wholeLabel(value)]));
  const wrong = found.filter((value) => whole.get(value) === undefined || !numbers.has(whole.get(value)!));
  if (wrong.length > 0) throw new LabelFault(wrong, wrong.some((value) => wholeLabel(value) === undefined));
  const rounded = found.filter((value) => whole.get(value) !== value);
  const changes = found.filter((value) => numbers.get(whole.get(value)!) !== value);
  if (changes.length === 0) return { volume: labels, rounded };
  const table = new Map(found.map((value) => [value, numbers.get(whole.get(value)!)!]));
  const largest = Math.max(...table.values());
  const data = largest > 255 ? new Uint16Array(labels.data.length) : new Uint8Array(labels.data.length);
  let last = NaN, number = 0;
  for (let i = 0; i < data.length; i++) {
    if (labels.data[i] !== last) number = table.get(last = labels.data[i])!;
    data[i] = number;
  }
  return { volume: { ...labels, data }, rounded };
}

/** Number of voxels of every class number that occurs. */
export function countClassVoxels(data: ArrayLike<number>): Map<number, number> {
  const counts = new Map<number, number>();
  for (let i = 0; i < data.length;) {
    const value = data[i], start = i;
    while (i < data.length && data[i] === value) i++; // labels come in runs
    counts.set(value, (counts.get(value) ?? 0) + i - start);
  }
  return counts;
}

/** A mask without the voxels that nobody annotated. */
export function withoutIgnored(mask: Uint8Array<ArrayBuffer>, labels: ArrayLike<number>): Uint8Array<ArrayBuffer> {
  let result = mask;
  for (let i = 0; i < mask.length; i++) {
    if (labels[i] !== IGNORED || mask[i] === 0) continue;
    if (result === mask) result = arrayLike(mask, mask.length) as Uint8Array<ArrayBuffer>, result.set(mask);
    result[i] = 0;
  }
  return result;
}

/** Where a label map holds a class: 1, else 0. A loop, since `from` with a function takes half a microsecond a voxel. */
export function maskOf(labels: ArrayLike<number>, number: number): Uint8Array<ArrayBuffer> {
  const mask = new Uint8Array(labels.length);
  for (let i = 0; i < mask.length; i++) if (labels[i] === number) mask[i] = 1;
  return mask;
}
