import { anatomicalAxes, axisName, direction, type Grid, matchAxes, type Orientation, wayName } from "./geometry.ts";
import type { Triple } from "./volume.ts";

/** Spacing from which an axis is taken for the slice axis: this many times each other's. */
const THICK = 1.5;

/** The frame that all cases of a cohort are brought to: that of its first case. */
export interface Frame {
  /** Unit vectors along the first case's axes as stored: right, anterior, superior. */
  directions: [Triple, Triple, Triple];
  /** Which of them become x, y and z; z are the slices. */
  order: [number, number, number];
}

/** The frame of a scan whose slices run along its last axis, as those of the published sets do. */
export function frameAsStored({ affine }: Pick<Grid, "affine">): Frame {
  return { directions: directionsOf(affine), order: [0, 1, 2] };
}

function directionsOf(affine: readonly number[]): Frame["directions"] {
  return [0, 1, 2].map((axis) => direction(affine, axis)) as Frame["directions"];
}

/** How a case is brought to the frame, whatever the order of its voxels: its slice axis last, every direction as the first's. */
export function orientationInFrame({ size, affine }: Pick<Grid, "size" | "affine">, frame: Frame): Orientation {
  const { axes, flips } = matchAxes(affine, frame.directions);
  const single = singleAxis(size);
  const [x, y, z] = frame.order;
  if (single !== undefined && axes[z] !== single) {
    // a case of one slice shows it, whichever way it was cut
    const other = axes.indexOf(single);
    [axes[other], axes[z]] = [axes[z], axes[other]];
    [flips[other], flips[z]] = [flips[z], flips[other]];
  }
  return { axes: [axes[x], axes[y], axes[z]], flips: [flips[x], flips[y], flips[z]] };
}

/** The axis of a case that has one slice. */
export function singleAxis(size: Triple): number | undefined {
  const axis = size.indexOf(1);
  return axis < 0 ? undefined : axis;
}

/** The axis whose spacing is at least 1.5 times each other's. */
function thickAxis({ spacing }: Pick<Grid, "spacing">): number | undefined {
  return [0, 1, 2].find((axis) => [0, 1, 2].every((k) => k === axis || spacing[axis] >= THICK * spacing[k]));
}

/** A cohort that cannot be cut along one axis. */
export class CohortFault extends Error {}

/** A cohort as its headers tell. */
export interface Cohort {
  /** What all cases are brought to. */
  frame: Frame;
  /** In-plane spacing of the cases of several slices, in mm, at which the largest fills the side; 1 if there is none. */
  inPlaneMm: number;
  /** Cases of one slice: each fills the side by its longer edge. */
  single: string[];
  /** What was decided, for the user. */
  decisions: string[];
  /** What is odd. */
  warnings: string[];
}

/** In-plane extents from which one case sets another scale than the others have, and below which it is small: shares of the median. */
const LARGE = 1.5, SMALL = 1 / 3;

/**
 * Decides how the cases of a cohort are cut and scaled (docs/command-line.md, "Geometry").
 *
 * @param grids of all cases, in order; the first one's axes are the frame
 * @param options.side of a slice in voxels
 * @param options.sliceAxis voxel axis of the first case that the user chose
 * @throws {CohortFault} where the cases' thick axes are not the same
 */
export function cohortOf(
  grids: ReadonlyMap<string, Grid>,
  { side, sliceAxis }: { side: number; sliceAxis?: 0 | 1 | 2 },
): Cohort {
  const [[firstId, first]] = grids;
  const directions = directionsOf(first.affine);
  const names = anatomicalAxes(first.affine);
  const warnings: string[] = [], decisions: string[] = [];
  const volumes = [...grids].filter(([, { size }]) => singleAxis(size) === undefined);
  const single = [...grids].filter(([, { size }]) => singleAxis(size) !== undefined).map(([id]) => id);
  // which of the first case's axes each case's thick axis runs along
  const cuts = volumes.flatMap(([id, grid]) => {
    const thick = thickAxis(grid);
    return thick === undefined ? [] : [{ id, axis: matchAxes(grid.affine, directions).axes.indexOf(thick) }];
  });
  const [decisive] = cuts;
  const other = cuts.find(({ axis }) => axis !== decisive.axis);
  if (other) {
    const disagreement = `slices of "${other.id}" run ${axisName(names[other.axis])}, those of "${decisive.id}" ` +
      axisName(names[decisive.axis]);
    if (sliceAxis === undefined) {
      throw new CohortFault(
        `${disagreement}. Leave one kind out, or choose how all are cut, by the axis of "${firstId}": ` +
          [decisive, other].map(({ axis }) => `--set data.sliceAxis=${axis} (${axisName(names[axis])})`).join(" or "),
      );
    }
    warnings.push(`${disagreement}; all are cut along the axis ${axisName(names[sliceAxis])}, as data.sliceAxis says`);
  }
  const headFoot = names.findIndex(({ axis }) => axis === 2);
  const axis = sliceAxis ?? decisive?.axis ?? singleAxis(first.size) ?? headFoot;
  const order = [...[0, 1, 2].filter((k) => k !== axis), axis] as Frame["order"];
  const frame = { directions, order };
  if (volumes.length > 0) {
    const why = sliceAxis !== undefined
      ? "as data.sliceAxis says"
      : decisive
      ? `the thick axis of ${
        cuts.length === volumes.length ? "all cases" : `${cuts.length} of ${volumes.length} cases`
      }`
      : "no case has a thick axis";
    decisions.push(`slices run ${axisName(names[axis])} (${why}), ${wayName(names[axis])} as in case "${firstId}"`);
  }
  if (single.length > 0 && volumes.length > 0) {
    warnings.push(
      `${some(single)} one slice: each fills the square by its longer edge, whatever its spacing, and trains on itself`,
    );
  } else if (single.length > 0) {
    decisions.push(`every case is one slice, which fills ${side} × ${side} pixels by its longer edge`);
  }
  const scale = scaleOf(volumes, frame, side);
  return {
    frame,
    inPlaneMm: scale.inPlaneMm,
    single,
    decisions: [...decisions, ...scale.decisions],
    warnings: [...warnings, ...scale.warnings],
  };
}

function some(ids: readonly string[]): string {
  const shown = ids.slice(0, 3).map((id) => `"${id}"`).join(", ");
  return ids.length === 1 ? `case ${shown} has` : `${ids.length} cases (${shown}${ids.length > 3 ? ", …" : ""}) have`;
}

/** The larger of a case's two in-plane extents in mm. */
function extentOf(grid: Grid, frame: Frame): number {
  const [x, y] = orientationInFrame(grid, frame).axes;
  return Math.max(grid.size[x] * grid.spacing[x], grid.size[y] * grid.spacing[y]);
}

function scaleOf(
  volumes: readonly [string, Grid][],
  frame: Frame,
  side: number,
): { inPlaneMm: number; decisions: string[]; warnings: string[] } {
  if (volumes.length === 0) return { inPlaneMm: 1, decisions: [], warnings: [] };
  const extents = volumes.map(([id, grid]) => ({ id, mm: extentOf(grid, frame) }));
  const largest = extents.reduce((a, b) => b.mm > a.mm ? b : a);
  const sorted = extents.map(({ mm }) => mm).sort((a, b) => a - b);
  const median = sorted[Math.floor((sorted.length - 1) / 2)];
  const inPlaneMm = largest.mm / side;
  const mm = (value: number) => `${Number(value.toPrecision(4))} mm`;
  const decisions = [
    `case "${largest.id}" sets the scale: its ${mm(largest.mm)} fill ${side} voxels of ${mm(inPlaneMm)}`,
  ];
  const warnings: string[] = [];
  if (largest.mm > LARGE * median) {
    const share = Math.round(100 * median / largest.mm);
    warnings.push(
      `case "${largest.id}" is ${mm(largest.mm)} wide, the median case ${
        mm(median)
      }, which fills only ${share} % of a slice: ` +
        `are its units right? Leave the case out, or cut it: --set data.inPlaneMm=${
          Number((median / side).toPrecision(4))
        }`,
    );
  }
  for (const { id, mm: width } of extents) {
    if (width < SMALL * median) {
      warnings.push(`case "${id}" is ${mm(width)} wide, the median case ${mm(median)}: are its units right?`);
    }
  }
  return { inPlaneMm, decisions, warnings };
}
