import { UserError } from "../../errors.ts";
import type { Grid } from "../geometry.ts";
import type { Triple } from "../volume.ts";
import type { DicomSlice } from "./dicom_slice.ts";
import { lastName } from "./last_name.ts";

/** A series of slices that make one volume. */
export interface DicomSeries {
  /** Its folder, or whatever else it is called in messages. */
  dir: string;
  /** Its slices, in order along their normal. */
  slices: DicomSlice[];
  /** Distance of neighbouring slices in mm; of a single one its thickness, 1 where the header does not say. */
  sliceSpacing: number;
}

/** Share of the slice spacing by which it may vary. */
const SPACING_SHARE = 0.02;

/** Largest deviation of direction cosines, and of pixel spacings in mm, that is rounding. */
const ROUNDING = 1e-3;

/**
 * Checks that slices make one volume, and sorts them by position: one series, one size, one orientation, every slice once,
 * evenly spaced. A single slice is a volume of its thickness.
 *
 * @param dir what the series is called in messages
 * @param advice what a user can do about several series
 * @throws {UserError} that says which files do not fit
 */
export function stackSlices(
  dir: string,
  slices: readonly DicomSlice[],
  advice = "Leave one in the folder",
): DicomSeries {
  if (slices.length === 0) refuseSeries(dir, "a series of DICOM slices", "none");
  for (const property of COMMON) checkCommon(dir, slices, property, advice);
  if (slices.length === 1) return { dir, slices: [...slices], sliceSpacing: slices[0].thickness ?? 1 };
  return stack(dir, slices);
}

/**
 * The grid of the volume that a series becomes, by its headers alone: columns as they are, rows reversed, slices along their
 * normal.
 */
export function seriesGrid({ slices, sliceSpacing }: Pick<DicomSeries, "slices" | "sliceSpacing">): Grid {
  const [first] = slices;
  const { rows, columns, pixelSpacing: [between, along], rowCosine, columnCosine } = first;
  const normal = cross(rowCosine, columnCosine);
  const steps = [
    rowCosine.map((c) => c * along),
    columnCosine.map((c) => -c * between),
    normal.map((c) => c * sliceSpacing),
  ];
  const origin = first.position.map((mm, k) => mm + columnCosine[k] * between * (rows - 1));
  // DICOM counts to the left and to posterior, NIfTI to the right and to anterior
  const affine = [-1, -1, 1].flatMap((sign, row) => [...steps.map((step) => sign * step[row]), sign * origin[row]]);
  return {
    size: [columns, rows, slices.length],
    spacing: [along, between, sliceSpacing],
    affine: [...affine, 0, 0, 0, 1],
  };
}

/** Says that a series cannot be read. */
export function refuseSeries(dir: string, expected: string, found: string): never {
  throw new UserError("data", `Cannot read the series "${dir}": expected ${expected}, found ${found}`);
}

/** Something that all slices of a volume share. */
interface Property {
  /** What is expected. */
  what: string;
  /** What a slice has of it. */
  of: (slice: DicomSlice) => string;
  /** Numbers that may differ by rounding. */
  numbers?: (slice: DicomSlice) => readonly number[];
}

const ONE_SERIES = "one series";

const COMMON: readonly Property[] = [
  { what: ONE_SERIES, of: ({ series }) => `series ${series || "without UID"}` },
  { what: "slices of one size", of: ({ columns, rows }) => `${columns} × ${rows} pixels` },
  { what: "pixels of one kind", of: ({ pixels }) => pixels },
  {
    what: "one pixel spacing",
    of: ({ pixelSpacing }) => `${pixelSpacing.map(rounded).join(" × ")} mm`,
    numbers: ({ pixelSpacing }) => pixelSpacing,
  },
  {
    what: "one orientation",
    of: ({ rowCosine, columnCosine }) => `orientation ${[...rowCosine, ...columnCosine].map(rounded).join(", ")}`,
    numbers: ({ rowCosine, columnCosine }) => [...rowCosine, ...columnCosine],
  },
];

function rounded(value: number): number {
  return Number(value.toFixed(3)) || 0; // no negative zero
}

function checkCommon(
  dir: string,
  slices: readonly DicomSlice[],
  { what, of, numbers }: Property,
  advice: string,
): void {
  if (numbers) {
    const expected = numbers(slices[0]);
    const differs = (slice: DicomSlice) => numbers(slice).some((x, i) => Math.abs(x - expected[i]) > ROUNDING);
    if (!slices.some(differs)) return;
  }
  const groups = Map.groupBy(slices, of);
  if (groups.size === 1) return;
  const found = [...groups].map(([value, { length, 0: first }]) =>
    `${value} (${length === 1 ? "" : `${length} files, first `}"${lastName(first.path)}")`
  );
  refuseSeries(dir, what, found.join(" and ") + (what === ONE_SERIES ? `. ${advice}` : ""));
}

/** Sorts slices along their normal and looks at their distances. */
function stack(dir: string, slices: readonly DicomSlice[]): DicomSeries {
  const [{ rowCosine, columnCosine }] = slices;
  const normal = cross(rowCosine, columnCosine);
  const heights = new Map(slices.map((slice) => [slice, dot(slice.position, normal)]));
  const sorted = [...slices].sort((a, b) => heights.get(a)! - heights.get(b)!);
  const steps = sorted.slice(1).map((slice, i) => ({
    mm: heights.get(slice)! - heights.get(sorted[i])!,
    between: `${placed(sorted[i])} and ${placed(slice)}`,
    sideways: distanceBesides(subtract(slice.position, sorted[i].position), normal),
  }));
  const typical = steps.map(({ mm }) => mm).sort((a, b) => a - b)[Math.floor((steps.length - 1) / 2)];
  const tolerance = SPACING_SHARE * typical;
  const short = (mm: number) => `${Number(mm.toFixed(3))} mm`;
  for (const { mm, between, sideways } of steps) {
    if (mm <= tolerance) refuseSeries(dir, "every slice once", `${between} at the same place. Remove one of them`);
    if (Math.abs(mm - typical) <= tolerance) {
      if (sideways > Math.max(tolerance, ROUNDING)) {
        refuseSeries(dir, "slices stacked along their normal", `${between} shifted sideways by ${short(sideways)}`);
      }
      continue;
    }
    const missing = Math.round(mm / typical) - 1;
    if (missing > 0 && Math.abs(mm - (missing + 1) * typical) <= (missing + 1) * tolerance) {
      const count = missing === 1 ? "a slice is" : `${missing} slices are`;
      refuseSeries(
        dir,
        `slices ${short(typical)} apart`,
        `${short(mm)} between ${between}: ${count} missing. Download the series again`,
      );
    }
    refuseSeries(dir, `evenly spaced slices, ${short(typical)} apart`, `${short(mm)} between ${between}`);
  }
  return { dir, slices: sorted, sliceSpacing: (heights.get(sorted.at(-1)!)! - heights.get(sorted[0])!) / steps.length };
}

/** A slice in a message: its file and its position. */
function placed({ path, position }: DicomSlice): string {
  return `"${lastName(path)}" (at ${position.map(rounded).join(", ")})`;
}

/** Length of what of a vector lies across a direction. */
function distanceBesides(vector: Triple, direction: Triple): number {
  const along = dot(vector, direction);
  return Math.hypot(...vector.map((value, k) => value - along * direction[k]));
}

function dot(a: Triple, b: Triple): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

function subtract(a: Triple, b: Triple): Triple {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
}

function cross(a: Triple, b: Triple): Triple {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}
