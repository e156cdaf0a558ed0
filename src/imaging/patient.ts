import type { Volume } from "./volume.ts";

/**
 * The patient in every slice: the largest 8-connected region above a threshold, the first in raster order among equals,
 * its holes (4-connected background) filled; nothing where no voxel is above it (docs/reference/preprocessing.md, 8,
 * step 8).
 *
 * @param values of the voxels
 * @returns 1 inside
 */
export function patient(
  values: Float64Array,
  { size: [nx, ny, nz] }: Pick<Volume, "size">,
  threshold: number,
): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(values.length);
  // a frame of one pixel around the slice, so that a walk needs no look at coordinates
  const width = nx + 2;
  const open = new Uint8Array(width * (ny + 2)), largest = new Uint8Array(open.length);
  const walk = new Int32Array(open.length);
  const sides = [-width, -1, 1, width], corners = [-width - 1, -width + 1, width - 1, width + 1];
  for (let z = 0; z < nz; z++) {
    open.fill(0);
    for (let y = 0, i = z * nx * ny; y < ny; y++) {
      for (let p = (y + 1) * width + 1, end = p + nx; p < end; p++, i++) open[p] = values[i] > threshold ? 1 : 0;
    }
    let size = 0;
    for (let p = width + 1; p < open.length; p++) {
      if (open[p] === 0) continue;
      const count = flood(open, p, [...sides, ...corners], walk);
      if (count <= size) continue;
      size = count;
      largest.fill(0);
      for (let k = 0; k < count; k++) largest[walk[k]] = 1;
    }
    if (size === 0) continue;
    // What the frame does not reach through the background is the patient or a hole in it.
    for (let p = 0; p < open.length; p++) open[p] = 1 - largest[p];
    const count = flood(open, 0, sides, walk);
    open.fill(1);
    for (let k = 0; k < count; k++) open[walk[k]] = 0;
    for (let y = 0; y < ny; y++) {
      const start = (y + 1) * width + 1;
      result.set(open.subarray(start, start + nx), (z * ny + y) * nx);
    }
  }
  return result;
}

/** Closes the open pixels that are connected with `start`, lists them at the beginning of `walk` and returns their number. */
function flood(open: Uint8Array, start: number, neighbours: readonly number[], walk: Int32Array): number {
  let count = 0;
  open[start] = 0;
  walk[count++] = start;
  for (let k = 0; k < count; k++) {
    for (let n = 0; n < neighbours.length; n++) {
      const q = walk[k] + neighbours[n];
      if (open[q] !== 1) continue; // also beyond the frame
      open[q] = 0;
      walk[count++] = q;
    }
  }
  return count;
}
