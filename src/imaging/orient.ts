import { cropSlices, type Rectangle } from "./crop.ts";
import { type Grid, type Orientation, turnGrid } from "./geometry.ts";
import { resampledSize, resampleLabels, resampleLinear } from "./resample.ts";
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

/** How a scan is brought into a square. */
export interface FitOptions {
  /** The new in-plane spacing in mm. */
  inPlane: number;
  /** The new slice spacing in mm; kept unless given. */
  between?: number;
  /** Side of the square in voxels. */
  side: number;
}

/** What {@link fitSquare} does to a grid: the new spacing, the square on the resampled slices, and how many slices there are. */
export function fitRectangle(
  { size, spacing: old }: Pick<Grid, "size" | "spacing">,
  { inPlane, between, side }: FitOptions,
): { spacing: Triple; width: number; height: number; rectangle: Rectangle; slices: number } {
  const spacing: Triple = [inPlane, inPlane, between ?? old[2]];
  const resampled = resampledSize(size, old, spacing);
  // Resampling adds a voxel to every axis, zero where the axis needed none: what lies beyond the scan is cut off.
  const [width, height, slices] = [0, 1, 2].map((axis) =>
    Math.min(resampled[axis], Math.ceil((size[axis] - 0.5) * old[axis] / spacing[axis] - 1e-9))
  );
  const x = -Math.floor((side - width) / 2), y = -Math.floor((side - height) / 2);
  return { spacing, width, height, rectangle: { x, y, width: side, height: side }, slices };
}

/**
 * Resamples in-plane to one spacing and centres the result in a square, padded with the volume's minimum, or 0 for labels.
 */
export function fitSquare(volume: Volume, { labels, ...options }: FitOptions & { labels: boolean }): Volume {
  const { spacing, width, height, rectangle, slices } = fitRectangle(volume, options);
  const resampled = (labels ? resampleLabels : resampleLinear)(volume, spacing);
  const scan = cropSlices(resampled, { x: 0, y: 0, width, height });
  const cut: Volume = { ...scan, data: scan.data.slice(0, width * height * slices), size: [width, height, slices] };
  const fill = labels ? 0 : extremes(cut.data).lowest;
  return cropSlices(cut, rectangle, { fill, moveOrigin: true });
}
