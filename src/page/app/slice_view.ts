/// <reference lib="dom" />
import { segmentColour } from "../../imaging/io/dicom_colours.ts";
import type { BrushPlace } from "./brush.ts";
import type { Look } from "./look.ts";
import { layoutOf, pixelOf, type Plane } from "./planes.ts";
import type { SessionScan } from "./scan.ts";

/** What a view shows. */
export interface Shown {
  /** The scan. */
  scan: SessionScan;
  /** Across which of its axes. */
  plane: Plane;
  /** Which slice. */
  slice: number;
  /** Whether it follows zoom and pan, and has letters at its edges. */
  isMain: boolean;
}

/** How strongly a structure colours what lies under it, inside and at its edge. */
const FILL = 0.32, EDGE = 1;

/** How a slice is drawn: its pictures are kept, so that a step of the brush costs no more than the slice. */
export class SliceView {
  readonly #image = document.createElement("canvas");
  readonly #mask = document.createElement("canvas");
  #pointer: BrushPlace | undefined;

  constructor(readonly canvas: HTMLCanvasElement) {}

  /** Shows where the brush is, or no longer. */
  pointAt(place: BrushPlace | undefined): void {
    this.#pointer = place;
  }

  /** Draws a slice. */
  draw(shown: Shown, look: Look): void {
    const { canvas } = this, ratio = globalThis.devicePixelRatio || 1;
    const width = Math.max(1, Math.round(canvas.clientWidth * ratio));
    const height = Math.max(1, Math.round(canvas.clientHeight * ratio));
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    const context = canvas.getContext("2d")!;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = "#000";
    context.fillRect(0, 0, width, height);
    const { scan, plane, slice } = shown, { size } = scan.volume;
    const layout = layoutOf(plane, size, slice);
    paintImage(this.#image, scan, layout, look.window);
    const { x, y, scaleX, scaleY } = this.#place(shown, look);
    context.setTransform(scaleX * ratio, 0, 0, scaleY * ratio, x * ratio, y * ratio);
    context.imageSmoothingEnabled = true;
    context.imageSmoothingQuality = "high";
    context.drawImage(this.#image, 0, 0);
    if (look.showMask) {
      paintMask(this.#mask, scan, layout);
      context.imageSmoothingEnabled = false;
      context.drawImage(this.#mask, 0, 0);
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    if (shown.isMain) {
      drawLetters(context, plane, canvas);
      if (this.#pointer && look.tool !== "look") this.#drawBrush(context, shown, look);
    } else this.#drawCross(context, shown, look);
  }

  /** The place of a slice that lies under a point of the canvas, in pixels of the slice. */
  placeAt(shown: Shown, look: Look, offsetX: number, offsetY: number): BrushPlace {
    const { x, y, scaleX, scaleY } = this.#place(shown, look);
    return { column: (offsetX - x) / scaleX, row: (offsetY - y) / scaleY };
  }

  #place({ scan, plane, isMain }: Shown, look: Look): { x: number; y: number; scaleX: number; scaleY: number } {
    const { size, spacing } = scan.volume, { clientWidth, clientHeight } = this.canvas;
    const mmX = spacing[plane.across.axis], mmY = spacing[plane.down.axis];
    const columns = size[plane.across.axis], rows = size[plane.down.axis];
    const fitting = Math.min(clientWidth / (columns * mmX), clientHeight / (rows * mmY));
    const scale = isMain ? fitting * look.zoom : fitting, [panX, panY] = isMain ? look.pan : [0, 0];
    return {
      x: (clientWidth - columns * mmX * scale) / 2 + panX,
      y: (clientHeight - rows * mmY * scale) / 2 + panY,
      scaleX: mmX * scale,
      scaleY: mmY * scale,
    };
  }

  #drawBrush(context: CanvasRenderingContext2D, shown: Shown, look: Look): void {
    const { column, row } = this.#pointer!, { x, y, scaleX } = this.#place(shown, look);
    const radius = look.radiusMm * scaleX / shown.scan.volume.spacing[shown.plane.across.axis];
    const scaleY = this.#place(shown, look).scaleY;
    for (const [colour, width] of [["#000", 3], ["#fff", 1.25]] as const) {
      context.strokeStyle = colour;
      context.lineWidth = width;
      context.setLineDash(look.tool === "eraser" ? [4, 3] : []);
      context.beginPath();
      context.arc(x + column * scaleX, y + row * scaleY, Math.max(radius, 2), 0, 2 * Math.PI);
      context.stroke();
    }
    context.setLineDash([]);
  }

  #drawCross(context: CanvasRenderingContext2D, shown: Shown, look: Look): void {
    const { scan, plane } = shown, { column, row } = pixelOf(plane, scan.volume.size, look.cross);
    const { x, y, scaleX, scaleY } = this.#place(shown, look);
    const isAcross = plane.across.axis === scan.plane.axis;
    const at = isAcross ? x + (column + 0.5) * scaleX : y + (row + 0.5) * scaleY;
    context.strokeStyle = "rgb(255 255 255 / 0.75)";
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(isAcross ? at : 0, isAcross ? 0 : at);
    context.lineTo(isAcross ? at : this.canvas.clientWidth, isAcross ? this.canvas.clientHeight : at);
    context.stroke();
  }
}

type Layout = ReturnType<typeof layoutOf>;

function resized(canvas: HTMLCanvasElement, { columns, rows }: Layout): CanvasRenderingContext2D {
  if (canvas.width !== columns || canvas.height !== rows) Object.assign(canvas, { width: columns, height: rows });
  return canvas.getContext("2d", { willReadFrequently: true })!;
}

function paintImage(
  canvas: HTMLCanvasElement,
  { volume }: SessionScan,
  layout: Layout,
  window: [number, number],
): void {
  const context = resized(canvas, layout), { columns, rows, first, step, rowStep } = layout;
  const picture = context.createImageData(columns, rows), pixels = new Uint32Array(picture.data.buffer);
  const { data } = volume, [low, high] = window, scale = 255 / (high - low || 1);
  for (let row = 0, k = 0; row < rows; row++) {
    for (let column = 0, i = first + row * rowStep; column < columns; column++, k++, i += step) {
      const grey = (data[i] - low) * scale;
      const level = grey < 0 ? 0 : grey > 255 ? 255 : grey | 0;
      pixels[k] = 0xff000000 | level << 16 | level << 8 | level;
    }
  }
  context.putImageData(picture, 0, 0);
}

function paintMask(canvas: HTMLCanvasElement, { labels }: SessionScan, layout: Layout): void {
  const context = resized(canvas, layout), { columns, rows, first, step, rowStep } = layout;
  const picture = context.createImageData(columns, rows), pixels = new Uint32Array(picture.data.buffer);
  const colours = new Map<number, [inside: number, edge: number]>();
  for (let row = 0, k = 0; row < rows; row++) {
    for (let column = 0, i = first + row * rowStep; column < columns; column++, k++, i += step) {
      const value = labels[i];
      if (value === 0) continue;
      let colour = colours.get(value);
      if (!colour) colours.set(value, colour = [rgba(value, FILL), rgba(value, EDGE)]);
      const isEdge = column === 0 || row === 0 || column === columns - 1 || row === rows - 1 ||
        labels[i - step] !== value || labels[i + step] !== value || labels[i - rowStep] !== value ||
        labels[i + rowStep] !== value;
      pixels[k] = colour[isEdge ? 1 : 0];
    }
  }
  context.putImageData(picture, 0, 0);
}

function rgba(value: number, alpha: number): number {
  const [red, green, blue] = segmentColour(value);
  return (Math.round(255 * alpha) << 24 | blue << 16 | green << 8 | red) >>> 0;
}

/** Where right, left, front, back, head and feet are. */
function drawLetters(context: CanvasRenderingContext2D, { across, down }: Plane, canvas: HTMLCanvasElement): void {
  const { clientWidth: width, clientHeight: height } = canvas;
  context.font = "600 13px system-ui, sans-serif";
  context.textBaseline = "middle";
  context.textAlign = "center";
  const letters = [
    [across.ends[0], 12, height / 2],
    [across.ends[1], width - 12, height / 2],
    [down.ends[0], width / 2, 14],
    [down.ends[1], width / 2, height - 14],
  ] as const;
  for (const [letter, x, y] of letters) {
    context.lineWidth = 3;
    context.strokeStyle = "#000";
    context.strokeText(letter, x, y);
    context.fillStyle = "#fff";
    context.fillText(letter, x, y);
  }
}
