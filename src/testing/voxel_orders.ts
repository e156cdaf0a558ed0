import { direction, type Grid, type Orientation } from "../imaging/geometry.ts";
import { orient } from "../imaging/orient.ts";
import type { Triple, Volume } from "../imaging/volume.ts";
import type { Random } from "../random.ts";

const PERMUTATIONS: readonly Triple[] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];

/** All 48 orders in which the voxels of a box can be stored. */
export const VOXEL_ORDERS: readonly Orientation[] = PERMUTATIONS.flatMap((axes) =>
  Array.from({ length: 8 }, (_, bits): Orientation => ({
    axes: [...axes],
    flips: [(bits & 1) === 1, (bits & 2) === 2, (bits & 4) === 4],
  }))
);

/** The same volume stored in another order of its voxels; its header is true. */
export function storedAs(volume: Volume, order: Orientation): Volume {
  return orient(volume, order);
}

/** A rotation drawn evenly, 3 × 3, row by row (Shoemake's quaternion). */
export function randomRotation(random: Random): number[] {
  const [u, v, w] = [0, 1, 2].map(() => random.uniform(0, 1));
  const [a, b] = [Math.sqrt(1 - u), Math.sqrt(u)];
  const x = a * Math.sin(2 * Math.PI * v), y = a * Math.cos(2 * Math.PI * v);
  const z = b * Math.sin(2 * Math.PI * w), s = b * Math.cos(2 * Math.PI * w);
  return [
    ...[1 - 2 * (y * y + z * z), 2 * (x * y - z * s), 2 * (x * z + y * s)],
    ...[2 * (x * y + z * s), 1 - 2 * (x * x + z * z), 2 * (y * z - x * s)],
    ...[2 * (x * z - y * s), 2 * (y * z + x * s), 1 - 2 * (x * x + y * y)],
  ];
}

/** The same grid after the patient was turned about the origin. */
export function rotated<T extends Grid>(grid: T, rotation: readonly number[]): T {
  const affine = [...grid.affine];
  for (let row = 0; row < 3; row++) {
    for (let column = 0; column < 4; column++) {
      affine[4 * row + column] = [0, 1, 2].reduce(
        (sum, k) => sum + rotation[3 * row + k] * grid.affine[4 * k + column],
        0,
      );
    }
  }
  return { ...grid, affine };
}

/** Cosine between two axes of two grids. */
export function cosine(a: Grid, axisOfA: number, b: Grid, axisOfB: number): number {
  const [u, v] = [direction(a.affine, axisOfA), direction(b.affine, axisOfB)];
  return u[0] * v[0] + u[1] * v[1] + u[2] * v[2];
}
