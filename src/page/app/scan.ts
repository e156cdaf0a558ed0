import type { Grid } from "../../imaging/geometry.ts";
import type { WrittenGrid } from "../../imaging/io/nifti_header.ts";
import { countClassVoxels, valuesOf, wholeLabel } from "../../imaging/labelling.ts";
import type { Volume, VoxelArray } from "../../imaging/volume.ts";
import type { PageFile, ReadScan } from "../protocol.ts";
import { sliceLabels } from "./brush.ts";
import { layoutOf, type Plane, type SliceLayout } from "./planes.ts";

/** Something that is painted and looked for. */
export interface Structure {
  /** Its number in the page, 1 to 255. */
  value: number;
  /** Its value in files. */
  saved: number;
  /** For people, and in DICOM. */
  name: string;
}

/** What the model found in a scan. */
export interface ScanResult {
  /** Share of the voxels that it did not see. */
  outside: number;
  /** How long it took. */
  seconds: number;
  /** Slices that it looked at. */
  slices: number;
  /** Of the model. */
  model: string;
}

/** A scan and what is painted on it. */
export interface SessionScan {
  /** Names it. */
  id: number;
  /** For people. */
  name: string;
  /** What it was read from. */
  kind: ReadScan["kind"];
  /** The files. */
  files: PageFile[];
  /** Its voxels. */
  volume: Volume;
  /** Its lowest and its highest intensity. */
  extremes: VoxelArray;
  /** What the header of a NIfTI file says of the grid. */
  written?: WrittenGrid;
  /** How its slices are shown. */
  plane: Plane;
  /** Structure of every voxel. */
  labels: Uint8Array<ArrayBuffer>;
  /** Slices that show the model what to look for. */
  examples: Set<number>;
  /** Slices that were painted on after the model: they stay as they are. */
  corrected: Set<number>;
  /** Slices whose labels came from a file: as examples they are one shot. */
  fileSlices: Set<number>;
  /** What the model found. */
  result?: ScanResult;
  /** Probabilities that were asked for. */
  probabilities?: { value: number; data: Float32Array<ArrayBuffer> }[];
  /** What is odd about it. */
  warnings: string[];
  /** Voxels of each structure. */
  counts: Map<number, number>;
}

/** Where the voxels of a slice of a scan lie. */
export function sliceLayout({ plane, volume }: SessionScan, slice: number): SliceLayout {
  return layoutOf(plane, volume.size, slice);
}

/** The grid of a scan's voxels, without them. */
export function gridOf({ volume: { size, spacing, affine } }: SessionScan): Grid {
  return { size, spacing, affine };
}

/** Slices of a scan. */
export function sliceCount({ plane, volume }: SessionScan): number {
  return volume.size[plane.axis];
}

/** Whether anything is painted on a slice. */
export function isPainted(scan: SessionScan, slice: number): boolean {
  return sliceLabels(scan.labels, sliceLayout(scan, slice)).some((value) => value !== 0);
}

/** Slices of a scan on which something is painted. */
export function paintedSlices(scan: SessionScan): number[] {
  return Array.from({ length: sliceCount(scan) }, (_, slice) => slice).filter((slice) => isPainted(scan, slice));
}

/** Counts the voxels of every structure anew. */
export function countStructures(scan: SessionScan): void {
  scan.counts = countClassVoxels(scan.labels);
  scan.counts.delete(0);
}

/** Counts again after some voxels changed: a stroke changes one slice, and a scan may have hundreds. */
export function recount(scan: SessionScan, before: Uint8Array, after: Uint8Array): void {
  for (const [labels, sign] of [[before, -1], [after, 1]] as const) {
    for (const [value, count] of countClassVoxels(labels)) {
      if (value !== 0) scan.counts.set(value, (scan.counts.get(value) ?? 0) + sign * count);
    }
  }
  for (const [value, count] of scan.counts) if (count === 0) scan.counts.delete(value);
}

/** The volume of a voxel in millilitres, of oblique ones too. */
export function voxelMillilitres({ volume: { affine } }: SessionScan): number {
  const [a, b, c, , d, e, f, , g, h, i] = affine;
  return Math.abs(a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)) / 1000;
}

/** The volumes of all structures in some scans, a row each, as comma-separated values. */
export function volumesTable(scans: readonly SessionScan[], structures: readonly Structure[]): string {
  const quoted = (text: string) => /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  const rows = scans.flatMap((scan) =>
    structures.filter(({ value }) => scan.counts.has(value)).map(({ value, saved, name }) => {
      const voxels = scan.counts.get(value)!;
      return [quoted(scan.name), saved, quoted(name), voxels, (voxels * voxelMillilitres(scan)).toFixed(3)].join();
    })
  );
  return ["case,label,name,voxels,millilitres", ...rows, ""].join("\n");
}

/** The mask of a scan with the values of files. */
export function maskOf({ volume, labels }: SessionScan, structures: readonly Structure[]): Volume {
  const { size, spacing, affine } = volume;
  const saved = structures.map((one) => one.saved);
  const highest = Math.max(...saved), lowest = Math.min(...saved);
  const table = new Map(structures.map(({ value, saved }) => [value, saved]));
  const Type = lowest < 0 || highest > 65535 ? Int32Array : highest > 255 ? Uint16Array : Uint8Array;
  const data = new Type(labels.length);
  for (let i = 0; i < data.length; i++) if (labels[i] !== 0) data[i] = table.get(labels[i]) ?? 0;
  return { data, size, spacing, affine };
}

/** Different values up to which a scan on another's grid is taken for its labels. */
const MOST_LABELS = 60;

/** The axis whose voxels are the longest by half, else the last one. */
export function thickAxis({ spacing }: Pick<Volume, "spacing">): 0 | 1 | 2 {
  const found = ([0, 1, 2] as const).find((k) => spacing.every((mm, j) => j === k || spacing[k] >= 1.5 * mm));
  return found ?? 2;
}

/** Whether a volume holds a few whole numbers and background, as labels do. */
export function looksLikeLabels(volume: Volume): boolean {
  const values = valuesOf(volume, MOST_LABELS + 1); // a scan has more on its first slice
  return values.has(0) && values.size >= 2 && values.size <= MOST_LABELS &&
    [...values].every((value) => value >= 0 && wholeLabel(value) !== undefined);
}
