import type { Triple, Volume } from "./volume.ts";

/** Where the voxels of a volume lie. */
export type Grid = Pick<Volume, "size" | "spacing" | "affine">;

/** What the fields of a NIfTI header say of the grid, before anything is believed (https://nifti.nimh.nih.gov, nifti1.h). */
export interface GridFields {
  /** Number of voxels along x, y, z. */
  size: Triple;
  /** `pixdim[0]`: the sign of the third axis of the qform; 0 counts as 1. */
  qfac: number;
  /** `pixdim[1]` to `pixdim[3]`. */
  pixdim: Triple;
  /** `xyzt_units`; its three lowest bits say what a length is measured in. */
  units: number;
  /** `qform_code`. */
  qformCode: number;
  /** `quatern_b`, `quatern_c`, `quatern_d`. */
  quaternion: Triple;
  /** `qoffset_x`, `qoffset_y`, `qoffset_z`. */
  offset: Triple;
  /** `sform_code`. */
  sformCode: number;
  /** `srow_x`, `srow_y`, `srow_z`: 12 numbers. */
  rows: readonly number[];
}

/** The grid of a header. */
export interface MadeGrid extends Grid {
  /** What in the header contradicts itself, and what was done about it. */
  warnings: string[];
}

/** A header that says of no grid where it lies. */
export class GridFault extends Error {
  /**
   * Names what was expected of a field, and what was found in it.
   *
   * @param expected of the field
   * @param found in it
   */
  constructor(readonly expected: string, readonly found: string) {
    super(`expected ${expected}, found ${found}`);
  }
}

/** Millimetres by the code of the unit: unknown, metre, millimetre, micrometre. */
const MILLIMETRES = [1, 1000, 1, 0.001];

/** Share by which a spacing may differ from the length of its column: `pixdim` is kept so that its digits are. */
const SPACING_SHARE = 1e-3;

/** Volume of the cell that unit columns span, from which a matrix can be inverted; 1 where they are at right angles. */
const REGULAR_FROM = 1e-3;

/** How far the sum of squares of a quaternion may pass 1: float32 fields of a half turn do so by some 1e-7. */
const QUATERNION_EXCESS = 1e-3;

/** Share of the smallest spacing by which sform and qform may place a corner differently. */
const PLACE_SHARE = 0.5;

/** Cosine between two axes, 3°, from which a grid is said to be sheared. */
const SHEARED_FROM = 0.05;

/**
 * The one place where an affine is made: the sform where its code is set and it is finite and regular, else the qform, else
 * `pixdim` alone; lengths in mm, whatever unit the header names.
 *
 * @throws {GridFault} for fields that leave no grid
 */
export function gridOf(fields: GridFields): MadeGrid {
  const { size, sformCode, qformCode } = fields;
  const warnings: string[] = [];
  const code = fields.units & 7;
  const scale = MILLIMETRES[code];
  if (scale === undefined) warnings.push(`xyzt_units ${fields.units} names no unit of length: taken for mm`);
  const mm = scale ?? 1;
  const pixdim = fields.pixdim.map((value) => Math.fround(Math.abs(value) * mm)) as Triple;
  const sform = sformCode > 0 ? fillSlice(scaled(fields.rows, mm), size) : undefined;
  const qform = qformCode > 0 ? qformOf(fields, pixdim, mm) : undefined;
  const useful = { sform: isRegular(sform), qform: isRegular(qform) };
  const rows = useful.sform ? sform! : useful.qform ? qform! : fromSpacing(pixdim, size);
  if (sform && !useful.sform) {
    const instead = useful.qform ? "the qform" : "pixdim alone";
    warnings.push(`sform_code is ${sformCode}, but srow_x, srow_y and srow_z ${whyNot(sform)}: ${instead} is used`);
  } else if (!sform && qform && !useful.qform) {
    warnings.push(
      `qform_code is ${qformCode}, but quatern_b, quatern_c and quatern_d ${whyNot(qform)}: pixdim alone is used`,
    );
  }
  const affine = [...rows, 0, 0, 0, 1];
  const lengths = [0, 1, 2].map((axis) => Math.hypot(...column(affine, axis))) as Triple;
  const agrees = lengths.map((length, axis) => Math.abs(pixdim[axis] - length) <= SPACING_SHARE * length);
  // of a single slice the thickness does not matter
  const wrong = [0, 1, 2].filter((axis) => !agrees[axis] && size[axis] > 1);
  if (wrong.length > 0) {
    const list = (numbers: readonly number[]) => numbers.map(short).join(" × ");
    warnings.push(
      `pixdim says voxels of ${list(pixdim)} mm, the ${useful.sform ? "sform" : "qform"} of ${
        list(lengths)
      } mm, which ` +
        "is used",
    );
  }
  const grid = { size, spacing: lengths.map((mm, axis) => agrees[axis] ? pixdim[axis] : mm) as Triple, affine };
  if (useful.sform && useful.qform) {
    const other = [...qform!, 0, 0, 0, 1];
    const apart = cornerDistance(grid, { ...grid, affine: other });
    if (apart > PLACE_SHARE * Math.min(...grid.spacing)) {
      warnings.push(
        `sform (code ${sformCode}, ${describePlace(affine)}) and qform (code ${qformCode}, ${describePlace(other)}) ` +
          `place voxels up to ${short(apart)} mm apart: the sform is used`,
      );
    }
  }
  const oblique = shear(affine);
  if (oblique > SHEARED_FROM) {
    warnings.push(`axes meet at ${short(Math.acos(oblique) * 180 / Math.PI)}° instead of 90°: distances are inexact`);
  }
  return { ...grid, warnings };
}

function scaled(rows: readonly number[], mm: number): number[] {
  return mm === 1 ? [...rows] : rows.map((value) => value * mm);
}

function qformOf({ qfac, quaternion, offset, size }: GridFields, pixdim: Triple, mm: number): number[] {
  let [b, c, d] = quaternion;
  const squares = b * b + c * c + d * d;
  let a = Math.sqrt(Math.max(0, 1 - squares));
  if (squares > 1) {
    if (squares > 1 + QUATERNION_EXCESS) a = NaN; // no rotation at all
    [b, c, d] = [b, c, d].map((value) => value / Math.sqrt(squares));
  }
  const rotation = [
    [a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)],
    [2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)],
    [2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - b * b - c * c],
  ];
  const [x, y, z] = pixdim.map((value, axis) => size[axis] === 1 ? value || 1 : value); // of one slice often 0
  const steps = [x, y, qfac < 0 ? -z : z];
  return rotation.flatMap((row, i) => [...row.map((cosine, k) => cosine * steps[k]), offset[i] * mm]);
}

/** The grid of a header that has nothing but a spacing. */
function fromSpacing(pixdim: Triple, size: Triple): number[] {
  const steps = pixdim.map((value, axis) => {
    if (value > 0 && Number.isFinite(value)) return value;
    if (size[axis] === 1) return 1;
    throw new GridFault(
      `a spacing above 0 mm in pixdim[${axis + 1}], or an sform or qform that says it`,
      String(value),
    );
  });
  return [steps[0], 0, 0, 0, 0, steps[1], 0, 0, 0, 0, steps[2], 0];
}

/** Gives an axis of one voxel, of which headers often say nothing, a direction across the others and 1 mm. */
function fillSlice(rows: number[], size: Triple): number[] {
  const empty = [0, 1, 2].filter((axis) => size[axis] === 1 && !(Math.hypot(...column(rows, axis)) > 0));
  if (empty.length !== 1) return rows;
  const [axis] = empty;
  const [u, v] = [(axis + 1) % 3, (axis + 2) % 3].map((other) => column(rows, other));
  const across = cross(u, v), length = Math.hypot(...across);
  if (!(length > 0)) return rows;
  const result = [...rows];
  for (let row = 0; row < 3; row++) result[4 * row + axis] = across[row] / length;
  return result;
}

function isRegular(rows: readonly number[] | undefined): boolean {
  return rows !== undefined && rows.every(Number.isFinite) && cellVolume(rows) >= REGULAR_FROM;
}

function whyNot(rows: readonly number[]): string {
  if (!rows.every(Number.isFinite)) return "hold values that are not finite";
  const zero = [0, 1, 2].filter((axis) => Math.hypot(...column(rows, axis)) === 0);
  return zero.length > 0 ? `have only 0 in column ${zero.map((axis) => axis + 1).join(" and ")}` : "cannot be inverted";
}

/** Determinant of the unit columns: 1 at right angles, 0 where two directions are one. */
function cellVolume(rows: readonly number[]): number {
  const columns = [0, 1, 2].map((axis) => column(rows, axis));
  const lengths = columns.map((one) => Math.hypot(...one));
  if (lengths.includes(0)) return 0;
  return Math.abs(dot(cross(columns[0], columns[1]), columns[2])) / (lengths[0] * lengths[1] * lengths[2]);
}

/** Largest cosine between two axes. */
function shear(affine: readonly number[]): number {
  const [u, v, w] = [0, 1, 2].map((axis) => direction(affine, axis));
  return Math.max(Math.abs(dot(u, v)), Math.abs(dot(v, w)), Math.abs(dot(w, u)));
}

function describePlace(affine: readonly number[]): string {
  const origin = [3, 7, 11].map((k) => short(affine[k])).join(", ");
  return `${axisCodes(affine)}, origin ${origin}`;
}

function column(affine: readonly number[], axis: number): Triple {
  return [affine[axis], affine[4 + axis], affine[8 + axis]];
}

/** Unit vector along a voxel axis: right, anterior, superior. */
export function direction(affine: readonly number[], axis: number): Triple {
  const vector = column(affine, axis), length = Math.hypot(...vector);
  return vector.map((value) => value / length) as Triple;
}

function cross(a: Triple, b: Triple): Triple {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function dot(a: Triple, b: Triple): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/** A length or place as people read it. */
function short(value: number): string {
  return String(Number(value.toPrecision(5)) || 0);
}

/** Place of a voxel in mm: right, anterior, superior. */
export function placeOf(affine: readonly number[], voxel: readonly number[]): Triple {
  return [0, 1, 2].map((row) =>
    voxel.reduce((sum, index, axis) => sum + affine[4 * row + axis] * index, affine[4 * row + 3])
  ) as Triple;
}

/** Largest distance in mm of the corners of two grids of one size. */
export function cornerDistance(a: Grid, b: Grid): number {
  let largest = 0;
  for (let corner = 0; corner < 8; corner++) {
    const voxel = a.size.map((n, k) => (corner >> k & 1) * (n - 1));
    const [p, q] = [placeOf(a.affine, voxel), placeOf(b.affine, voxel)];
    largest = Math.max(largest, Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]));
  }
  return largest;
}

/** How a volume's axes are rearranged: axis k of the result is `axes[k]` of the source, turned where `flips[k]`. */
export interface Orientation {
  /** Source axis of x, y, z. */
  axes: Triple;
  /** Whether that axis runs the other way. */
  flips: [boolean, boolean, boolean];
}

/** The six ways in which three axes can be assigned, those that move fewer axes first. */
const ASSIGNMENTS: readonly Triple[] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [2, 1, 0], [1, 2, 0], [2, 0, 1]];

/** Sums of cosines that differ by less are equal: the assignment that moves fewer axes is taken. */
const TIE = 1e-6;

/**
 * Which axis of a grid runs along each of three directions, and whether it runs the other way: the best of the six
 * assignments by the sum of |cos|, so that no axis is taken twice however oblique the scan is.
 *
 * @param directions unit vectors
 */
export function matchAxes(affine: readonly number[], directions: readonly Triple[]): Orientation {
  const cosines = directions.map((wanted) => [0, 1, 2].map((axis) => dot(wanted, direction(affine, axis))));
  const worth = (axes: Triple) => axes.reduce((sum, axis, k) => sum + Math.abs(cosines[k][axis]), 0);
  let best = ASSIGNMENTS[0];
  for (const axes of ASSIGNMENTS) if (worth(axes) > worth(best) + TIE) best = axes;
  return { axes: [...best], flips: best.map((axis, k) => cosines[k][axis] < 0) as Orientation["flips"] };
}

/** The directions in which anatomical axes are counted: right, anterior, superior. */
const ANATOMICAL: readonly Triple[] = [[1, 0, 0], [0, 1, 0], [0, 0, 1]];

/** Names of the two ends of each anatomical axis, the one that it is counted from first. */
const ENDS = [["left", "right"], ["posterior", "anterior"], ["foot", "head"]] as const;

/** What an axis of voxels is in a body. */
export interface AnatomicalAxis {
  /** 0 left–right, 1 posterior–anterior, 2 foot–head. */
  axis: 0 | 1 | 2;
  /** Whether voxels are counted to the left, to posterior, to the foot. */
  flipped: boolean;
}

/** What the three axes of a grid are in a body, each another one. */
export function anatomicalAxes(affine: readonly number[]): [AnatomicalAxis, AnatomicalAxis, AnatomicalAxis] {
  const { axes, flips } = matchAxes(affine, ANATOMICAL);
  const result: AnatomicalAxis[] = [];
  for (const axis of [0, 1, 2] as const) result[axes[axis]] = { axis, flipped: flips[axis] };
  return result as [AnatomicalAxis, AnatomicalAxis, AnatomicalAxis];
}

/** An axis in words, for example "left–right". */
export function axisName({ axis }: Pick<AnatomicalAxis, "axis">): string {
  return ENDS[axis].join("–");
}

/** The way along an axis in words, for example "from head to foot". */
export function wayName({ axis, flipped }: AnatomicalAxis): string {
  const [start, end] = flipped ? [...ENDS[axis]].reverse() : ENDS[axis];
  return `from ${start} to ${end}`;
}

/** Where the axes of a grid run to, as in "RAS" or "LPS". */
export function axisCodes(affine: readonly number[]): string {
  return anatomicalAxes(affine).map(({ axis, flipped }) => (flipped ? "LPI" : "RAS")[axis]).join("");
}

/** How two grids lie to one another. */
export type Relation =
  /** Voxel on voxel. */
  | { kind: "same" }
  /** Voxel on voxel once the second is rearranged so. */
  | { kind: "turned"; orientation: Orientation }
  /** Of one size, but so many mm apart. */
  | { kind: "elsewhere"; mm: number }
  /** Of other sizes. */
  | { kind: "unlike" };

/**
 * How a second grid lies to a first: voxel on voxel, the same box in another order of voxels, or elsewhere. The order as
 * stored is looked at first.
 */
export function relate(first: Grid, second: Grid): Relation {
  const near = PLACE_SHARE * Math.min(...first.spacing);
  const isLike = (other: Grid) => other.size.join() === first.size.join();
  if (isLike(second) && cornerDistance(first, second) <= near) return { kind: "same" };
  const orientation = matchAxes(second.affine, [0, 1, 2].map((axis) => direction(first.affine, axis)));
  const turned = turnGrid(second, orientation);
  if (isLike(turned) && cornerDistance(first, turned) <= near) return { kind: "turned", orientation };
  return isLike(second) ? { kind: "elsewhere", mm: cornerDistance(first, second) } : { kind: "unlike" };
}

/** The grid of a volume after {@link Orientation}; every voxel stays where it is in space. */
export function turnGrid({ size, spacing, affine }: Grid, { axes, flips }: Orientation): Grid {
  const turned = [...affine];
  for (let row = 0; row < 3; row++) {
    for (const [k, axis] of axes.entries()) {
      turned[4 * row + k] = flips[k] ? -affine[4 * row + axis] : affine[4 * row + axis];
      if (flips[k]) turned[4 * row + 3] += (size[axis] - 1) * affine[4 * row + axis];
    }
  }
  return {
    size: axes.map((axis) => size[axis]) as Triple,
    spacing: axes.map((axis) => spacing[axis]) as Triple,
    affine: turned,
  };
}
