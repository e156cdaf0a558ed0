import { UserError } from "../errors.ts";
import { arrayLike, extremes, float64Chunks, isIntegerVolume, type Volume } from "./volume.ts";

/**
 * Clips to a window of intensities and stretches what is left of it to 0..255 (docs/reference/preprocessing.md, 4.1):
 * by the minimum and maximum of the clipped volume, so that a scan that never reaches an end of the window is
 * stretched.
 *
 * @param window in HU
 * @param name of the file, for messages
 * @throws {UserError} if the clipped volume is constant
 */
export function windowIntensities(volume: Volume, window: { lowerHU: number; upperHU: number }, name: string): Volume {
  const { lowerHU, upperHU } = window;
  const found = extremes(volume.data);
  const clip = (x: number) => Math.min(Math.max(x, lowerHU), upperHU);
  const lowest = clip(found.lowest), highest = clip(found.highest);
  refuseConstant(lowest, highest, name);
  const data = new Float64Array(volume.data);
  for (let i = 0; i < data.length; i++) {
    data[i] = (Math.min(Math.max(data[i], lowerHU), upperHU) - lowest) / (highest - lowest) * 255;
  }
  return { ...volume, data };
}

/**
 * Sets voxels above a percentile to it, truncated in an integer volume (docs/reference/preprocessing.md, 5.3, step 1).
 *
 * @param cutPercent share of the voxels above it, in percent
 * @param name of the file, for messages
 * @throws {UserError} if the volume is constant
 */
export function cutHighest(volume: Volume, cutPercent: number, name: string): Volume {
  const { lowest, highest } = extremes(volume.data);
  refuseConstant(lowest, highest, name);
  const sorted = new Float64Array(volume.data).sort();
  const position = (1 - cutPercent / 100) * (sorted.length - 1);
  const base = Math.floor(position);
  const above = sorted[Math.min(base + 1, sorted.length - 1)];
  let limit = sorted[base] + (above - sorted[base]) * (position - base);
  if (isIntegerVolume(volume)) limit = Math.trunc(limit);
  const data = arrayLike(volume.data, volume.data.length);
  for (const [chunk, start] of float64Chunks(volume.data)) {
    data.set(chunk.map((x) => Math.min(x, limit)), start);
  }
  return { ...volume, data };
}

/**
 * Zero mean and unit population deviation over all voxels (docs/reference/preprocessing.md, 10, step 3).
 *
 * @param name of the file, for messages
 * @throws {UserError} if the volume is constant
 */
export function standardize(volume: Volume, name: string): Volume & { data: Float64Array<ArrayBuffer> } {
  const data = new Float64Array(volume.data);
  let total = 0;
  for (let i = 0; i < data.length; i++) total += data[i];
  const mean = total / data.length;
  let square = 0;
  for (let i = 0; i < data.length; i++) square += (data[i] - mean) ** 2;
  const deviation = Math.sqrt(square / data.length);
  if (!(deviation > 0)) refuseConstant(data[0], data[0], name);
  for (let i = 0; i < data.length; i++) data[i] = (data[i] - mean) / deviation;
  return { ...volume, data };
}

function refuseConstant(lowest: number, highest: number, name: string): void {
  if (lowest < highest) return;
  throw new UserError(
    "data",
    `Cannot normalize "${name}": expected intensities that differ, found ${lowest} in every voxel (within the window, ` +
      "where there is one). Leave the case out",
  );
}
