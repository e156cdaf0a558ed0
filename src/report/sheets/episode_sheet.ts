import type { ColourImage } from "../../imaging/io/png.ts";
import { greyVoxels, greyWindow } from "../cases/grey.ts";
import { shownSlice, type SliceView } from "../cases/slice_view.ts";
import { type Colour, SheetCanvas } from "./canvas.ts";

/** The slices of a training step, `[side · side]` each, x fastest. */
export interface EpisodeSlices {
  /** Standardised intensities, augmented. */
  supportImage: ArrayLike<number>;
  /** 0 or 1. */
  supportMask: ArrayLike<number>;
  /** Standardised intensities, augmented. */
  queryImage: ArrayLike<number>;
  /** 0 or 1. */
  queryMask: ArrayLike<number>;
  /** Foreground probability. */
  prediction: ArrayLike<number>;
}

/** Pixels of a tile at most. */
const TILE = 256;

/** Side of slices that are shown at twice their size. */
const SMALL_SIDE = 100;

const TRUTH: Colour = [53, 208, 255], PREDICTED: Colour = [255, 154, 31];

/**
 * What a training step saw and said, in four tiles: the support, its mask, the query with its mask outlined, and the prediction,
 * whose foreground is tinted.
 *
 * @param view how slices of the case are shown
 */
export function episodeSheet(slices: EpisodeSlices, side: number, view: SliceView): ColourImage {
  const sheet = new SheetCanvas(4, 1, Math.min(side <= SMALL_SIDE ? 2 * side : side, TILE));
  const grid = { size: [side, side, 1] as [number, number, number] };
  const shown = (bytes: Uint8Array<ArrayBuffer>) => shownSlice(bytes, grid, 0, view);
  const grey = (image: ArrayLike<number>) => shown(greyVoxels(image, greyWindow(image)));
  const mask = (values: ArrayLike<number>) => shown(Uint8Array.from(values, (value) => Number(value > 0.5)));
  const support = grey(slices.supportImage), query = grey(slices.queryImage);
  const supportMask = mask(slices.supportMask), queryMask = mask(slices.queryMask);
  const predicted = mask(slices.prediction);
  const plain = (image: Uint8Array) => (pixel: number): Colour => [image[pixel], image[pixel], image[pixel]];
  const tinted = (image: Uint8Array, pixel: number, colour: Colour): Colour =>
    colour.map((value) => image[pixel] + value >> 1) as unknown as Colour;
  sheet.draw(0, view, plain(support));
  sheet.draw(1, view, (pixel) => supportMask[pixel] ? tinted(support, pixel, TRUTH) : plain(support)(pixel));
  sheet.draw(2, view, (pixel) => isEdge(queryMask, pixel, view.width) ? TRUTH : plain(query)(pixel));
  sheet.draw(3, view, (pixel) => {
    if (isEdge(queryMask, pixel, view.width)) return TRUTH;
    return predicted[pixel] ? tinted(query, pixel, PREDICTED) : plain(query)(pixel);
  });
  for (const tile of [0, 2]) {
    sheet.write(tile, view.edges.left, "left");
    sheet.write(tile, view.edges.top, "top");
  }
  return sheet.image;
}

function isEdge(mask: Uint8Array, pixel: number, width: number): boolean {
  if (mask[pixel] === 0) return false;
  const x = pixel % width;
  return x === 0 || x === width - 1 || !mask[pixel - 1] || !mask[pixel + 1] || !mask[pixel - width] ||
    !mask[pixel + width];
}
