import type { Triple, VoxelArray } from "../../imaging/volume.ts";
import type { SessionScan } from "./scan.ts";

/** What the pointer does on a slice. */
export type Tool = "look" | "brush" | "eraser";

/** Sizes of the brush in mm, half of its width. */
export const BRUSH_SIZES = [1, 2, 3, 5, 8, 12, 20] as const;

/** How a user looks at scans. */
export class Look {
  tool: Tool = "brush";
  /** Which of {@link BRUSH_SIZES}. */
  brush = 3;
  showMask = true;
  /** The intensities that are black and white. */
  window: [low: number, high: number] = [0, 1];
  /** How many times larger than what fits, and by how many pixels moved. */
  zoom = 1;
  pan: [x: number, y: number] = [0, 0];
  /** The voxel that the other planes go through. */
  cross: Triple = [0, 0, 0];

  /** Half of the brush's width in mm. */
  get radiusMm(): number {
    return BRUSH_SIZES[this.brush];
  }

  /** A larger or smaller brush. */
  resizeBrush(by: number): void {
    this.brush = Math.min(Math.max(this.brush + by, 0), BRUSH_SIZES.length - 1);
  }

  /** Looks at another scan as it is meant to be looked at. */
  reset({ volume, extremes }: SessionScan, windowHU?: readonly [number, number]): void {
    const hasAir = extremes[0] < AIR_HU;
    this.window = windowHU && hasAir ? [...windowHU] : windowOf(volume.data);
    this.cross = volume.size.map((count) => Math.floor(count / 2)) as Triple;
    this.fit();
  }

  /** The whole slice. */
  fit(): void {
    this.zoom = 1;
    this.pan = [0, 0];
  }

  /** Larger or smaller, around a point that stays where it is: its distance from the middle of the canvas. */
  zoomBy(factor: number, [x, y]: readonly [number, number] = [0, 0]): void {
    const zoom = Math.min(Math.max(this.zoom * factor, 1), 20), ratio = zoom / this.zoom;
    this.pan = zoom === 1 ? [0, 0] : [x - (x - this.pan[0]) * ratio, y - (y - this.pan[1]) * ratio];
    this.zoom = zoom;
  }

  /** Moves the window's ends: brightness and contrast. */
  moveWindow(brighter: number, wider: number): void {
    const [low, high] = this.window, width = Math.max(high - low, 1e-6);
    const half = width / 2 * Math.max(1 + wider, 0.05), centre = (low + high) / 2 - brighter * width;
    this.window = [centre - half, centre + half];
  }
}

/** Air of a CT lies below, in HU. */
const AIR_HU = -500;

/** Voxels that are looked at for a window: more say no more. */
const SAMPLES = 50_000;

/** The intensities that all but one in a hundred lie between, at either end. */
function windowOf(data: VoxelArray): [number, number] {
  const step = Math.max(1, Math.floor(data.length / SAMPLES));
  const values: number[] = [];
  for (let i = 0; i < data.length; i += step) values.push(data[i]);
  const sorted = Float64Array.from(values).sort();
  const low = sorted[Math.floor(0.01 * (sorted.length - 1))], high = sorted[Math.ceil(0.99 * (sorted.length - 1))];
  return low < high ? [low, high] : [low - 1, low + 1];
}
