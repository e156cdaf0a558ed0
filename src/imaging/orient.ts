import { cropSlices } from "./crop.ts";
import { type Orientation, turnGrid } from "./geometry.ts";
import { resampleLabels, resampleLinear } from "./resample.ts";
import { arrayLike, extremes, type Triple, type Volume } from "./volume.ts";

/** Rearranges the axes of a volume; the affine follows, so that every voxel stays where it is in space. */
export function orient(volume: Volume, { axes, flips }: Orientation): Volume {
  const { size } = volume;
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
  return { data, ...turnGrid(volume, { axes, flips }) };
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
