import type { SliceLayout } from "./planes.ts";

/** Where a brush is: a pixel of the picture, not a whole one. */
export interface BrushPlace {
  /** From the left edge of the picture, in pixels. */
  column: number;
  /** From its top edge. */
  row: number;
}

/** How a brush paints. */
export interface BrushStroke {
  /** Half of its width in mm. */
  radiusMm: number;
  /** Size of a pixel in mm. */
  pixelMm: readonly [across: number, down: number];
  /** What voxels become; 0 erases. */
  value: number;
}

/**
 * Paints from one place to another: every voxel whose centre is at most the radius away from the way, and at least the one that
 * the brush is on.
 *
 * @returns whether any voxel changed
 */
export function paintLine(
  labels: Uint8Array,
  { columns, rows, first, step, rowStep }: SliceLayout,
  [from, to]: readonly [BrushPlace, BrushPlace],
  { radiusMm, pixelMm: [mmAcross, mmDown], value }: BrushStroke,
): boolean {
  const dx = (to.column - from.column) * mmAcross, dy = (to.row - from.row) * mmDown;
  const length = dx * dx + dy * dy;
  const low = (a: number, b: number, mm: number) => Math.floor(Math.min(a, b) - radiusMm / mm - 1);
  const high = (a: number, b: number, mm: number) => Math.ceil(Math.max(a, b) + radiusMm / mm + 1);
  const onBrush = Math.floor(to.row) * columns + Math.floor(to.column);
  let changed = false;
  const lastRow = Math.min(rows - 1, high(from.row, to.row, mmDown));
  const lastColumn = Math.min(columns - 1, high(from.column, to.column, mmAcross));
  for (let row = Math.max(0, low(from.row, to.row, mmDown)); row <= lastRow; row++) {
    for (let column = Math.max(0, low(from.column, to.column, mmAcross)); column <= lastColumn; column++) {
      const x = (column + 0.5 - from.column) * mmAcross, y = (row + 0.5 - from.row) * mmDown;
      const along = length === 0 ? 0 : Math.min(Math.max((x * dx + y * dy) / length, 0), 1);
      const distance = Math.hypot(x - along * dx, y - along * dy);
      if (distance > radiusMm && row * columns + column !== onBrush) continue;
      const i = first + column * step + row * rowStep;
      changed ||= labels[i] !== value;
      labels[i] = value;
    }
  }
  return changed;
}

/** The labels of one slice. */
export function sliceLabels(labels: Uint8Array, { columns, rows, first, step, rowStep }: SliceLayout): Uint8Array {
  const found = new Uint8Array(columns * rows);
  for (let row = 0, k = 0; row < rows; row++) {
    for (let column = 0, i = first + row * rowStep; column < columns; column++, k++, i += step) found[k] = labels[i];
  }
  return found;
}

/** Puts the labels of one slice back. */
export function putSliceLabels(
  labels: Uint8Array,
  { columns, rows, first, step, rowStep }: SliceLayout,
  slice: Uint8Array,
): void {
  for (let row = 0, k = 0; row < rows; row++) {
    for (let column = 0, i = first + row * rowStep; column < columns; column++, k++, i += step) labels[i] = slice[k];
  }
}
