import { gpu, type Work } from "../../src/gpu/mod.ts";
import type { TiledWork } from "./tiles.ts";

/**
 * Results of a workgroup on a GPU: rows, columns, numbers of the inner sum in a round, and vec4s of rows and of columns that a
 * thread computes.
 */
export type GpuTile = readonly [rows: number, columns: number, depth: number, rowQuads: number, columnQuads: number];

/** The large ones read the least from workgroup memory for each multiply-add; small ones keep a GPU busy with small products. */
export const GPU_TILES: readonly GpuTile[] = [
  [128, 128, 8, 2, 2],
  [128, 128, 16, 2, 2],
  [128, 64, 8, 2, 1],
  [64, 64, 8, 2, 2],
  [64, 64, 16, 1, 1],
  [32, 32, 16, 1, 1],
];

/** Of these the largest that makes workgroups enough is taken, unless another was measured to be faster. */
const PREFERRED = [GPU_TILES[0], GPU_TILES[4], GPU_TILES[5]];

/** Workgroups that keep a GPU busy. */
const ENOUGH = 96;

/** Work from which it pays to measure which tile is the fastest, in multiply-adds: a tenth of a millisecond of a fast GPU. */
const WORTH_MEASURING = 1e9;

/** Workgroups along an axis. */
const MOST_WORKGROUPS = 65_535;

/** What an adapter permits. */
type Limits = Pick<GPUSupportedLimits, "maxComputeWorkgroupStorageSize" | "maxComputeInvocationsPerWorkgroup">;

const threadsOf = ([rows, columns, , rowQuads, columnQuads]: GpuTile) => rows * columns / (16 * rowQuads * columnQuads);

/** Whether an adapter has workgroup memory enough for both operands of a tile, twice, and threads enough. */
export function isPermitted(tile: GpuTile, limits: Limits): boolean {
  const [rows, columns, depth] = tile;
  return 2 * 4 * depth * (rows + columns) <= limits.maxComputeWorkgroupStorageSize &&
    threadsOf(tile) <= limits.maxComputeInvocationsPerWorkgroup;
}

let forced: GpuTile | undefined;

/** Forces a tile whatever the shape: tests compare what all of them compute. `undefined` lets shape and measurement decide. */
export function forceGpuTile(tile: GpuTile | undefined): void {
  forced = tile;
}

/**
 * The tiles that a product may be cut into on a GPU, the one that an estimate prefers first; all give the same bits. Several only
 * where it pays to measure.
 *
 * @param cut workgroups of a tile, and further constants of the kernel
 */
export function gpuTiledWorks(
  { rows, columns, batch, depth }: Omit<TiledWork, "inner">,
  cut: (tile: GpuTile) => Work,
): Work[] {
  const fits = GPU_TILES.filter((tile) =>
    isPermitted(tile, gpu().device.limits) && rows <= tile[0] * MOST_WORKGROUPS && columns <= tile[1] * MOST_WORKGROUPS
  );
  const workgroups = ([r, c]: GpuTile) => batch * Math.ceil(rows / r) * Math.ceil(columns / c);
  const preferred = PREFERRED.filter((tile) => fits.includes(tile));
  const first = preferred.find((tile) => workgroups(tile) >= ENOUGH) ?? preferred.at(-1)!;
  const measured = rows * columns * batch * depth >= WORTH_MEASURING ? fits.filter((tile) => tile !== first) : [];
  return (forced ? [forced] : [first, ...measured]).map((tile) => {
    const [ROWS, COLUMNS, DEPTH, ROW_QUADS, COLUMN_QUADS] = tile, { workgroups, constants } = cut(tile);
    const shape = { ROWS, COLUMNS, DEPTH, ROW_QUADS, COLUMN_QUADS, THREADS: threadsOf(tile) };
    return { workgroups, constants: { ...shape, ...constants } };
  });
}
