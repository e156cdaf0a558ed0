import type { Grey } from "./grey.ts";

/** A part of a slice in its pixels. */
export interface PixelBox {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** Air is darker, of 255. */
const AIR = 20;

/** What is left around the body, of the box's longer side. */
const MARGIN = 0.03;

/** Width over height of a box in mm: less and more would leave tiles in a row of little use. */
const NARROWEST = 0.75, WIDEST = 1.5;

/**
 * The part of a slice that shows the body and all that is marked, with a margin; never narrower or wider than a tile may be, as
 * far as the slice allows it.
 *
 * @param masks `[height · width]`
 * @param pixelAspect width of a pixel over its height
 */
export function bodyBox(
  { width, height, data }: Grey,
  masks: readonly ArrayLike<number>[],
  pixelAspect: number,
): PixelBox {
  let left = width, right = -1, top = height, bottom = -1;
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (data[i] <= AIR && masks.every((mask) => mask[i] === 0)) continue;
      left = Math.min(left, x), right = Math.max(right, x), top = Math.min(top, y), bottom = Math.max(bottom, y);
    }
  }
  if (right < 0) return { left: 0, top: 0, width, height };
  const margin = Math.ceil(MARGIN * Math.max(right - left, bottom - top));
  const across = stretch(Math.max(0, left - margin), Math.min(width, right + 1 + margin));
  const down = stretch(Math.max(0, top - margin), Math.min(height, bottom + 1 + margin));
  const aspect = pixelAspect * across.length / down.length;
  const wide = aspect < NARROWEST ? widened(across, NARROWEST / aspect, width) : across;
  const high = aspect > WIDEST ? widened(down, aspect / WIDEST, height) : down;
  return { left: wide.from, top: high.from, width: wide.length, height: high.length };
}

interface Stretch {
  from: number;
  length: number;
}

const stretch = (from: number, to: number): Stretch => ({ from, length: to - from });

/** Longer by a factor about the same middle, or as near to it as a slice of so many pixels allows. */
function widened({ from, length }: Stretch, factor: number, most: number): Stretch {
  const wanted = Math.min(most, Math.ceil(length * factor));
  const first = Math.round(from - (wanted - length) / 2);
  return { from: Math.max(0, Math.min(most - wanted, first)), length: wanted };
}

/** A part of a picture, row by row. */
export function cropped(
  data: Uint8Array<ArrayBuffer>,
  width: number,
  { left, top, width: across, height: down }: PixelBox,
): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(across * down);
  for (let y = 0; y < down; y++) {
    const start = (top + y) * width + left;
    result.set(data.subarray(start, start + across), y * across);
  }
  return result;
}
