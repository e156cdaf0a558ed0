import { anatomicalAxes, type Grid } from "../../imaging/geometry.ts";
import type { Triple } from "../../imaging/volume.ts";

/** An axis of voxels as it runs on the screen. */
export interface ScreenAxis {
  /** Which one. */
  axis: 0 | 1 | 2;
  /** Whether its voxels run to the left, or upwards. */
  reversed: boolean;
  /** What lies at the left or the top, and at the right or the bottom, a letter each. */
  ends: readonly [first: string, last: string];
}

/** How the slices across an axis are shown: as radiologists look at them, from the feet, from the front, from the side. */
export interface Plane {
  /** The axis that is looked along. */
  axis: 0 | 1 | 2;
  /** What runs from left to right. */
  across: ScreenAxis;
  /** What runs from top to bottom. */
  down: ScreenAxis;
  /** For example "axial". */
  name: string;
}

/** Letters at the left or the top, and at the right or the bottom, by anatomical axis: the patient's right is at the left. */
const ENDS = [["R", "L"], ["A", "P"], ["H", "F"]] as const;

/** Names of the planes across each anatomical axis. */
const NAMES = ["sagittal", "coronal", "axial"] as const;

/** How the slices across an axis of voxels are shown. */
export function planeAcross({ affine }: Pick<Grid, "affine">, axis: 0 | 1 | 2): Plane {
  const anatomical = anatomicalAxes(affine);
  // anatomical axes count to the right, to anterior and to the head: each the other way than the screen
  const onScreen = (k: 0 | 1 | 2): ScreenAxis => {
    return { axis: k, reversed: !anatomical[k].flipped, ends: ENDS[anatomical[k].axis] };
  };
  const [a, b] = ([0, 1, 2] as const).filter((k) => k !== axis);
  const isAcross = anatomical[a].axis < anatomical[b].axis;
  return {
    axis,
    across: onScreen(isAcross ? a : b),
    down: onScreen(isAcross ? b : a),
    name: NAMES[anatomical[axis].axis],
  };
}

/** The voxels of a slice as the rows and columns of a picture. */
export interface SliceLayout {
  /** Pixels in a row. */
  columns: number;
  /** Rows. */
  rows: number;
  /** Index of the voxel at the top left. */
  first: number;
  /** From a pixel's voxel to that of its right neighbour. */
  step: number;
  /** From a pixel's voxel to that of the one below. */
  rowStep: number;
}

/** Where the voxels of a slice lie. */
export function layoutOf({ axis, across, down }: Plane, size: Triple, slice: number): SliceLayout {
  const strides = [1, size[0], size[0] * size[1]];
  const along = ({ axis, reversed }: ScreenAxis) => {
    return { start: reversed ? (size[axis] - 1) * strides[axis] : 0, step: reversed ? -strides[axis] : strides[axis] };
  };
  const x = along(across), y = along(down);
  return {
    columns: size[across.axis],
    rows: size[down.axis],
    first: slice * strides[axis] + x.start + y.start,
    step: x.step,
    rowStep: y.step,
  };
}

/** The voxel that a pixel of a picture shows. */
export function voxelAt(
  { axis, across, down }: Plane,
  size: Triple,
  { column, row, slice }: Record<"column" | "row" | "slice", number>,
): Triple {
  const voxel: Triple = [0, 0, 0];
  voxel[axis] = slice;
  voxel[across.axis] = across.reversed ? size[across.axis] - 1 - column : column;
  voxel[down.axis] = down.reversed ? size[down.axis] - 1 - row : row;
  return voxel;
}

/** The pixel that shows a voxel. */
export function pixelOf({ across, down }: Plane, size: Triple, voxel: Triple): { column: number; row: number } {
  const of = ({ axis, reversed }: ScreenAxis) => reversed ? size[axis] - 1 - voxel[axis] : voxel[axis];
  return { column: of(across), row: of(down) };
}
