import type { ColourImage } from "../../imaging/io/png.ts";
import { litPixels, wordWidth } from "./glyphs.ts";

/** Red, green and blue, 0 to 255. */
export type Colour = readonly [red: number, green: number, blue: number];

/** Twice the size of its pixels a word can be read on any screen. */
const SCALE = 2;

/** Where a word stands in a tile. */
export type Corner = "top" | "left" | "bottom left";

/** A sheet of square tiles that is drawn on. */
export class SheetCanvas {
  readonly #data: Uint8Array<ArrayBuffer>;
  readonly #width: number;
  readonly #height: number;

  /**
   * A black sheet.
   *
   * @param tile side of a tile in pixels
   * @param gap pixels between tiles
   */
  constructor(readonly columns: number, rows: number, readonly tile: number, readonly gap = 2) {
    this.#width = columns * tile + (columns - 1) * gap;
    this.#height = rows * tile + (rows - 1) * gap;
    this.#data = new Uint8Array(3 * this.#width * this.#height);
  }

  /** Draws a picture into a tile, its pixels the nearest ones, centred where it is not square. */
  draw(tile: number, { width, height }: { width: number; height: number }, colourOf: (pixel: number) => Colour): void {
    const scale = Math.max(width, height) / this.tile;
    const w = Math.min(this.tile, Math.round(width / scale)), h = Math.min(this.tile, Math.round(height / scale));
    const left = this.tile - w >> 1, top = this.tile - h >> 1;
    for (let y = 0; y < h; y++) {
      const row = Math.min(height - 1, Math.floor((y + 0.5) * scale));
      for (let x = 0; x < w; x++) {
        const column = Math.min(width - 1, Math.floor((x + 0.5) * scale));
        this.#set(tile, left + x, top + y, colourOf(row * width + column));
      }
    }
  }

  /** Writes a word at an edge of a tile, white on black. */
  write(tile: number, word: string, at: Corner): void {
    const width = SCALE * wordWidth(word), height = SCALE * 5;
    const left = at === "top" ? this.tile - width >> 1 : SCALE + 1;
    const top = at === "top" ? SCALE + 1 : at === "left" ? this.tile - height >> 1 : this.tile - height - SCALE - 1;
    for (let y = -SCALE; y < height + SCALE; y++) {
      for (let x = -SCALE; x < width + SCALE; x++) this.#set(tile, left + x, top + y, [0, 0, 0]);
    }
    for (const [x, y] of litPixels(word)) {
      for (let k = 0; k < SCALE * SCALE; k++) {
        this.#set(tile, left + SCALE * x + k % SCALE, top + SCALE * y + Math.floor(k / SCALE), [255, 255, 255]);
      }
    }
  }

  /** The sheet. */
  get image(): ColourImage {
    return { width: this.#width, height: this.#height, data: this.#data };
  }

  #set(tile: number, x: number, y: number, colour: Colour): void {
    if (x < 0 || y < 0 || x >= this.tile || y >= this.tile) return;
    const column = tile % this.columns, row = Math.floor(tile / this.columns);
    const pixel = (row * (this.tile + this.gap) + y) * this.#width + column * (this.tile + this.gap) + x;
    this.#data.set(colour, 3 * pixel);
  }
}
