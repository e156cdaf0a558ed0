import type { ColourImage } from "../../imaging/io/png.ts";
import type { Volume } from "../../imaging/volume.ts";
import { greyVoxels, type GreyWindow, greyWindow, scanWindow } from "../cases/grey.ts";
import { shownSlice, sliceView } from "../cases/slice_view.ts";
import { type Colour, SheetCanvas } from "./canvas.ts";

/** Slices on a sheet at most, and how many stand in a row. */
const MOST_SLICES = 12, COLUMNS = 4;

/** Pixels of a tile at most: twelve slices of any scan then fit on a screen. */
const TILE = 200, SINGLE_TILE = 384;

/** Side of slices that are shown at twice their size. */
const SMALL_SIDE = 100;

/** Colours of outlines, which go round: apart on grey for readers who do not see red and green apart, too. */
const COLOURS: readonly Colour[] = [
  [53, 208, 255],
  [255, 154, 31],
  [120, 220, 110],
  [255, 110, 180],
  [250, 230, 70],
  [170, 130, 255],
  [255, 90, 70],
  [90, 240, 210],
];

/**
 * Slices of a case from its first to its last, as radiologists look at them, with what is labelled outlined: whether the data are
 * upside down is seen at a glance.
 *
 * @param labels of the voxels of `image`; outlines are those between any two values
 * @param window what is black and white
 */
export function contactSheet(
  image: Volume,
  labels?: Volume["data"],
  { window = greyWindow(image.data) }: { window?: GreyWindow } = {},
): ColourImage {
  const [nx, ny, depth] = image.size;
  const count = Math.min(depth, MOST_SLICES), columns = Math.min(count, COLUMNS);
  const view = sliceView(image);
  const side = Math.max(view.width, view.height);
  const tile = Math.min(side <= SMALL_SIDE ? 2 * side : side, depth === 1 ? SINGLE_TILE : TILE);
  const sheet = new SheetCanvas(columns, Math.ceil(count / columns), tile);
  const area = nx * ny, slab = { size: [nx, ny, 1] as Volume["size"] };
  for (let at = 0; at < count; at++) {
    const z = Math.floor((at + 0.5) * depth / count);
    const of = <T extends ArrayLike<number> & { subarray(from: number, to: number): T }>(data: T) =>
      data.subarray(z * area, (z + 1) * area);
    const grey = shownSlice(greyVoxels(of(image.data), window), slab, 0, view);
    const edges = labels && shownSlice(outlines(of(labels), nx), slab, 0, view);
    sheet.draw(at, view, (pixel) => {
      const label = edges ? edges[pixel] : 0;
      return label > 0 ? COLOURS[label - 1] : [grey[pixel], grey[pixel], grey[pixel]];
    });
    sheet.write(at, String(z), "bottom left");
    if (at > 0) continue;
    sheet.write(at, view.edges.left, "left");
    sheet.write(at, view.edges.top, "top");
  }
  return sheet.image;
}

/** The same of a scan as it came from the scanner, in the window of a CT where it is one. */
export function scanSheet(image: Volume, labels: Volume["data"]): ColourImage {
  return contactSheet(image, labels, { window: scanWindow(image, labels) });
}

/** Number of the colour from 1 of every pixel on the inner edge of a label, 0 elsewhere. */
function outlines(labels: ArrayLike<number>, width: number): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(labels.length);
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i];
    if (label === 0) continue;
    const x = i % width;
    const isEdge = x === 0 || x === width - 1 || i < width || i >= labels.length - width || labels[i - 1] !== label ||
      labels[i + 1] !== label || labels[i - width] !== label || labels[i + width] !== label;
    if (isEdge) result[i] = 1 + (label - 1) % COLOURS.length;
  }
  return result;
}
