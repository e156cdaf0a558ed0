import { arrayLike, type Volume } from "./volume.ts";

/** A rectangle in a slice; it may reach beyond it. */
export interface Rectangle {
  /** First column. */
  x: number;
  /** First row. */
  y: number;
  /** Columns. */
  width: number;
  /** Rows. */
  height: number;
}

/**
 * Cuts the same rectangle out of every slice, with `fill` where it reaches beyond the volume.
 *
 * @param options.moveOrigin true where the affine should follow; the published preprocessing leaves it (a quirk)
 */
export function cropSlices(
  volume: Volume,
  { x, y, width, height }: Rectangle,
  { fill = 0, moveOrigin = false }: { fill?: number; moveOrigin?: boolean } = {},
): Volume {
  const [nx, ny, nz] = volume.size;
  const data = arrayLike(volume.data, width * height * nz);
  if (fill !== 0) data.fill(fill);
  const first = Math.max(x, 0), end = Math.min(x + width, nx);
  for (let z = 0; z < nz; z++) {
    for (let row = Math.max(y, 0); row < Math.min(y + height, ny); row++) {
      const start = (z * ny + row) * nx;
      if (end > first) {
        data.set(volume.data.subarray(start + first, start + end) as never, (z * height + row - y) * width + first - x);
      }
    }
  }
  const affine = [...volume.affine];
  if (moveOrigin) { for (let r = 0; r < 3; r++) affine[4 * r + 3] += affine[4 * r] * x + affine[4 * r + 1] * y; }
  return { ...volume, data, size: [width, height, nz], affine };
}

/** The square of a side around the voxel `floor(n / 2)` of both axes (docs/reference/preprocessing.md, 5.3, step 3). */
export function centredSquare({ size: [nx, ny] }: Pick<Volume, "size">, side: number): Rectangle {
  const half = Math.floor(side / 2);
  return { x: Math.floor(nx / 2) - half, y: Math.floor(ny / 2) - half, width: side, height: side };
}
