import type { VoxelArray } from "../../imaging/volume.ts";
import type { ModelClass } from "../../model/model_facts.ts";
import type { PageFile, ReadScan } from "../protocol.ts";
import type { KeptWork } from "./keep.ts";
import { planeAcross } from "./planes.ts";
import { countStructures, paintedSlices, type SessionScan, type Structure, thickAxis } from "./scan.ts";

/** A scan on which nothing is painted yet. */
export function newScan(read: ReadScan, files: readonly PageFile[], id: number): SessionScan {
  const { name, kind, volume, extremes, written, warnings, paths } = read;
  return {
    ...{ id, name, kind, volume, extremes, written, warnings },
    files: files.filter(({ path }) => paths.includes(path)),
    plane: planeAcross(volume, thickAxis(volume)),
    labels: new Uint8Array(volume.data.length),
    examples: new Set(),
    corrected: new Set(),
    fileSlices: new Set(),
    counts: new Map(),
  };
}

/** Brings back what was done to a scan. */
export function restoreWork(scan: SessionScan, { labels, examples, corrected, fileSlices, result }: KeptWork): void {
  if (labels.length !== scan.labels.length) return; // the file has changed since
  Object.assign(scan, { labels, result });
  scan.examples = new Set(examples);
  scan.corrected = new Set(corrected);
  scan.fileSlices = new Set(fileSlices);
  countStructures(scan);
}

/** A number in the page that no structure has; there are 255. */
export function freeValue(structures: readonly Structure[]): number | undefined {
  for (let value = 1; value < 256; value++) if (!structures.some((one) => one.value === value)) return value;
  return undefined;
}

/** The structures with those of a label file, by the names of the model's classes; `undefined` if they are too many. */
export function withStructures(
  structures: readonly Structure[],
  values: readonly number[],
  classes: readonly ModelClass[],
): Structure[] | undefined {
  const all = [...structures];
  for (const saved of values) {
    if (all.some((one) => one.saved === saved)) continue;
    const value = freeValue(all);
    if (value === undefined) return undefined;
    all.push({ value, saved, name: classes.find((one) => one.value === saved)?.name ?? `structure ${saved}` });
  }
  return all;
}

/** Puts the labels of a file in place of what is painted on a scan: all its slices are one shot. */
export function useLabels(scan: SessionScan, data: VoxelArray, structures: readonly Structure[]): void {
  const numbers = new Map(structures.map(({ value, saved }) => [saved, value]));
  for (let i = 0; i < data.length; i++) scan.labels[i] = data[i] === 0 ? 0 : numbers.get(data[i])!;
  scan.result = undefined;
  scan.probabilities = undefined;
  scan.corrected = new Set();
  scan.examples = new Set(paintedSlices(scan));
  scan.fileSlices = new Set(scan.examples);
  countStructures(scan);
}
