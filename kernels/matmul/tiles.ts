import type { Work } from "../../src/gpu/mod.ts";

/** Results of a workgroup of eight lanes: rows, columns of a lane, vec4s of the inner sum taken together. */
export type Tile = readonly [rows: number, columns: number, together: number];

/** Work from which it pays to measure which tile is the fastest, in multiply-adds. */
export const WORTH_MEASURING = 1e8;

/** Work under which a small tile is compiled and run in less time than it takes to look at it, in multiply-adds. */
const LITTLE = 1e6;

/** Workgroups that keep two cores busy. */
const ENOUGH = 4;

/** What was the fastest for large products on some version of Mesa. */
export const LARGE: readonly Tile[] = [[32, 8, 1], [16, 8, 2], [32, 4, 1]];

/** The work of a kernel that is cut into tiles. */
export interface TiledWork {
  /** Rows of the result. */
  rows: number;
  /** Columns of the result, `8 · columns` of them in a tile. */
  columns: number;
  /** vec4s of the inner sum that are taken in order. */
  inner: number;
  /** Products of that size. */
  batch: number;
  /** Multiply-adds of one result. */
  depth: number;
}

/**
 * The tiles that a product may be cut into, the one that an estimate prefers first. On llvmpipe a large tile loads less, down to
 * 32 rows × 64 columns, whose sums still lie in the first cache; but compiling that one takes 2.5 s of processor time, of 16 rows
 * × 32 columns 0.3 s, for a tenth less speed. A network has a dozen such pipelines, and most processes train it for a short time.
 *
 * @param cut what a tile means for the kernel
 */
export function tiledWorks({ rows, columns, inner, batch, depth }: TiledWork, cut: (tile: Tile) => Work): Work[] {
  const work = rows * columns * batch * depth;
  const workgroups = ([r, c]: Tile) => batch * Math.ceil(rows / r) * Math.ceil(columns / (8 * c));
  if (work >= WORTH_MEASURING) return LARGE.filter(([, , together]) => inner % together === 0).map(cut);
  if (rows <= 4) return [cut([4, 4, 1])];
  const choices: Tile[] = work < LITTLE ? [[8, 4, 1]] : [[16, 4, 1], [8, 4, 1]];
  return [cut(choices.find((tile) => workgroups(tile) >= ENOUGH) ?? choices.at(-1)!)];
}
