import { cropSlices } from "./crop.ts";
import { resampleLabels, resampleLinear } from "./resample.ts";
import { arrayLike, extremes, type Triple, type Volume } from "./volume.ts";

/** How a volume's axes are rearranged: axis k of the result is `axes[k]` of the source, turned where `flips[k]`. */
export interface Orientation {
  /** Source axis of x, y, z. */
  axes: Triple;
  /** Whether that axis runs the other way. */
  flips: [boolean, boolean, boolean];
}

/** Spacing from which an axis is taken for the slice axis: this many times each other's. */
const THICK = 1.5;

/**
 * The slice axis (contract, `custom`): the one whose spacing is at least 1.5 times each other's, else the one nearest
 * head–foot.
 */
export function sliceAxis({ spacing, affine }: Pick<Volume, "spacing" | "affine">): 0 | 1 | 2 {
  for (const axis of [0, 1, 2] as const) {
    if ([0, 1, 2].every((other) => other === axis || spacing[axis] >= THICK * spacing[other])) return axis;
  }
  const upward = [0, 1, 2].map((axis) => Math.abs(affine[8 + axis]) / spacing[axis]);
  return upward.indexOf(Math.max(...upward)) as 0 | 1 | 2;
}

/** Nearest anatomical axis (0 right, 1 anterior, 2 superior) of a voxel axis, and its sign. */
function anatomy({ affine }: Pick<Volume, "affine">, axis: number): { axis: number; sign: number } {
  const column = [0, 1, 2].map((row) => affine[4 * row + axis]);
  const largest = column.map(Math.abs).indexOf(Math.max(...column.map(Math.abs)));
  return { axis: largest, sign: Math.sign(column[largest]) };
}

/**
 * How a case is brought to the orientation of the first: its slice axis last, its in-plane axes as those of the reference.
 *
 * @param reference of the first case
 */
export function orientationLike(
  volume: Pick<Volume, "affine">,
  axis: 0 | 1 | 2,
  reference: { volume: Pick<Volume, "affine">; axis: 0 | 1 | 2 },
): Orientation {
  const wanted = [0, 1, 2].filter((k) => k !== reference.axis).map((k) => anatomy(reference.volume, k));
  const own = [0, 1, 2].filter((k) => k !== axis);
  const axes: number[] = [], flips: boolean[] = [];
  for (const [k, { axis: target, sign }] of wanted.entries()) {
    const found = own.find((candidate) => anatomy(volume, candidate).axis === target) ?? own[k];
    axes.push(found);
    flips.push(anatomy(volume, found).sign !== sign);
  }
  return { axes: [axes[0], axes[1], axis], flips: [flips[0], flips[1], false] };
}

/** Rearranges the axes of a volume; the affine follows, so that every voxel stays where it is in space. */
export function orient(volume: Volume, { axes, flips }: Orientation): Volume {
  const { size, spacing, affine } = volume;
  const strides = [1, size[0], size[0] * size[1]];
  const newSize = axes.map((axis) => size[axis]) as Triple;
  const steps = axes.map((axis, k) => flips[k] ? -strides[axis] : strides[axis]);
  const start = axes.reduce((sum, axis, k) => sum + (flips[k] ? (size[axis] - 1) * strides[axis] : 0), 0);
  const data = arrayLike(volume.data, volume.data.length);
  let i = 0;
  for (let z = 0; z < newSize[2]; z++) {
    for (let y = 0; y < newSize[1]; y++) {
      for (let x = 0; x < newSize[0]; x++, i++) {
        data[i] = volume.data[start + x * steps[0] + y * steps[1] + z * steps[2]];
      }
    }
  }
  const newAffine = [...affine];
  for (let row = 0; row < 3; row++) {
    for (const [k, axis] of axes.entries()) {
      newAffine[4 * row + k] = flips[k] ? -affine[4 * row + axis] : affine[4 * row + axis];
      if (flips[k]) newAffine[4 * row + 3] += (size[axis] - 1) * affine[4 * row + axis];
    }
  }
  return { data, size: newSize, spacing: axes.map((axis) => spacing[axis]) as Triple, affine: newAffine };
}

/** The in-plane spacing at which the largest in-plane extent of a cohort fills a side. */
export function commonSpacing(grids: readonly { size: Triple; spacing: Triple }[], side: number): number {
  return Math.max(...grids.flatMap(({ size, spacing }) => [0, 1].map((k) => size[k] * spacing[k]))) / side;
}

/**
 * Resamples in-plane to one spacing and centres the result in a square, padded with the volume's minimum, or 0 for labels.
 *
 * @param options.inPlane the new in-plane spacing in mm
 * @param options.between the new slice spacing in mm; kept unless given
 */
export function fitSquare(
  volume: Volume,
  { inPlane, between, side, labels }: { inPlane: number; between?: number; side: number; labels: boolean },
): Volume {
  const spacing: Triple = [inPlane, inPlane, between ?? volume.spacing[2]];
  const resampled = (labels ? resampleLabels : resampleLinear)(volume, spacing);
  // Resampling adds a voxel to every axis, zero where the axis needed none: what lies beyond the scan is cut off.
  const count = (axis: number) =>
    Math.min(resampled.size[axis], Math.ceil((volume.size[axis] - 0.5) * volume.spacing[axis] / spacing[axis] - 1e-9));
  const scan = cropSlices(resampled, { x: 0, y: 0, width: count(0), height: count(1) });
  const slices = count(2), area = scan.size[0] * scan.size[1];
  const cut: Volume = { ...scan, data: scan.data.slice(0, area * slices), size: [scan.size[0], scan.size[1], slices] };
  const fill = labels ? 0 : extremes(cut.data).lowest;
  const x = -Math.floor((side - cut.size[0]) / 2), y = -Math.floor((side - cut.size[1]) / 2);
  return cropSlices(cut, { x, y, width: side, height: side }, { fill, moveOrigin: true });
}
