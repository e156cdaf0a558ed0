import { centredSquare, cropSlices } from "./crop.ts";
import { cutHighest } from "./intensity.ts";
import { resampleLabels, resampleLinear } from "./resample.ts";
import { extremes, type Triple, type Volume } from "./volume.ts";

/** An image and its labels on one grid. */
export interface LabelledVolume {
  /** Intensities. */
  image: Volume;
  /** Class of every voxel. */
  label: Volume;
}

/**
 * SABS resampling (docs/reference/preprocessing.md, 4.2): cuts a border off, then resamples in-plane by the constant
 * `(full − 2·border)/target`. The origin stays, as published. Image float64, label float32.
 */
export function resampleSabs(
  { image, label }: LabelledVolume,
  { full, border, target }: { full: number; border: number; target: number },
): LabelledVolume {
  const cut = (volume: Volume) => {
    const [nx, ny] = volume.size;
    return cropSlices(volume, { x: border, y: border, width: nx - 2 * border, height: ny - 2 * border });
  };
  const factor = (full - 2 * border) / target;
  const [x, y, z] = image.spacing;
  const spacing: Triple = [x * factor, y * factor, z];
  const resampled = resampleLinear(inFloat64(cut(image)), spacing);
  const labels = resampleLabels({ ...cut(label), spacing: image.spacing, affine: image.affine }, spacing);
  return { image: resampled, label: labels };
}

/** Crops or pads the slices of both to exactly a side, which changes nothing at the published size. */
export function fitSide({ image, label }: LabelledVolume, side: number): LabelledVolume {
  const fit = (volume: Volume, fill: number) =>
    volume.size[0] === side && volume.size[1] === side
      ? volume
      : cropSlices(volume, centredSquare(volume, side), { fill });
  return { image: fit(image, extremes(image.data).lowest), label: fit(label, 0) };
}

/**
 * MR normalisation (docs/reference/preprocessing.md, 5.3 and 6): cut at a percentile, resample, crop or pad in-plane to
 * a square. Both results are float64, the origin stays that of the uncropped volume, as published.
 */
export function normalizeMr(
  { image, label }: LabelledVolume,
  { cutPercent, spacing, size }: { cutPercent: number; spacing: Triple; size: number },
  name: string,
): LabelledVolume {
  const resampled = resampleLinear(cutHighest(image, cutPercent, name), spacing);
  const labels = resampleLabels({ ...label, spacing: image.spacing, affine: image.affine }, spacing);
  const square = (volume: Volume, fill: number) => cropSlices(inFloat64(volume), centredSquare(volume, size), { fill });
  return { image: square(resampled, extremes(resampled.data).lowest), label: square(labels, 0) };
}

function inFloat64(volume: Volume): Volume {
  return volume.data instanceof Float64Array ? volume : { ...volume, data: new Float64Array(volume.data) };
}
