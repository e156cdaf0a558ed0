import { encodeGreyPng } from "../../imaging/io/png.ts";
import type { Grid } from "../../imaging/geometry.ts";
import { cropped, type PixelBox } from "./body_box.ts";
import { shrunk } from "./grey.ts";
import { outlinePath } from "./outline.ts";
import { shownSlice, type SliceView, sliceView } from "./slice_view.ts";

/** A slice as a page shows it. */
export interface SlicePicture {
  /** Number of the slice. */
  slice: number;
  /** Grey PNG as an address of its own. */
  address: string;
  /** Pixels in a row of the volume's slice, or of the part that is shown, which outlines count in; the PNG may have fewer. */
  width: number;
  /** Rows of it. */
  height: number;
  /** Width over height in mm. */
  aspect: number;
  /** What lies at the edges. */
  edges: SliceView["edges"];
}

/** Shows slices of one case. */
export class SlicePainter {
  readonly #view: SliceView;

  /**
   * @param grid of the volume
   * @param grey its voxels in 8 bits
   */
  constructor(readonly grid: Grid, readonly grey: Uint8Array<ArrayBuffer>) {
    this.#view = sliceView(grid);
  }

  /** How slices are shown. */
  get view(): SliceView {
    return this.#view;
  }

  /**
   * The picture of a slice.
   *
   * @param options.side most pixels of its longer side; a larger slice is shrunk
   * @param options.box the part of the slice; all of it unless given
   */
  picture(slice: number, { side = Infinity, box }: { side?: number; box?: PixelBox } = {}): SlicePicture {
    const { pixelAspect, edges } = this.#view;
    const whole = this.shown(this.grey, slice);
    const { width, height } = box ?? this.#view;
    const data = box ? cropped(whole, this.#view.width, box) : whole;
    const png = encodeGreyPng(shrunk({ width, height, data }, side));
    const address = `data:image/png;base64,${png.toBase64()}`;
    return { slice, address, width, height, aspect: pixelAspect * width / height, edges };
  }

  /** A slice of a mask or label map, turned as the pictures are. */
  shown<T extends Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer>>(mask: T, slice: number): T {
    return shownSlice(mask, this.grid, slice, this.#view);
  }

  /** The outline of one class of a label map on a slice. */
  outline(labels: Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer>, slice: number, value: number): string {
    return outlinePath(this.shown(labels, slice).map((one) => Number(one === value)), this.#view.width);
  }

  /** The outlines of all classes of a label map on a slice, as one path. */
  outlines(labels: Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer>, slice: number): string {
    const shown = this.shown(labels, slice);
    const classes = [...new Set(shown)].filter((value) => value !== 0).sort((a, b) => a - b);
    const { width } = this.#view;
    return classes.map((value) => outlinePath(shown.map((one) => Number(one === value)), width)).join("");
  }
}
