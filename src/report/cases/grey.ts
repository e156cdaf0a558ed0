import { reachesOverHU } from "../../imaging/intensity_checks.ts";
import type { Volume } from "../../imaging/volume.ts";

/** Intensities that are shown black and white. */
export interface GreyWindow {
  /** Black. */
  lowest: number;
  /** White. */
  highest: number;
}

/** Voxels that a window is found from. */
const SAMPLES = 50_000;

/** Share of the voxels that is darker than black, and brighter than white. */
const CUT = 0.005;

/** A window from the 0.5 % to the 99.5 % percentile of the voxels above the lowest value, which surrounds the body. */
export function greyWindow(data: ArrayLike<number>): GreyWindow {
  const stride = Math.max(1, Math.floor(data.length / SAMPLES));
  const samples = new Float64Array(Math.ceil(data.length / stride));
  for (let i = 0; i < samples.length; i++) samples[i] = data[i * stride];
  samples.sort();
  let first = 0;
  while (first < samples.length && samples[first] === samples[0]) first++;
  if (first === samples.length) return { lowest: samples[0] ?? 0, highest: (samples[0] ?? 0) + 1 };
  const at = (share: number) => samples[first + Math.round(share * (samples.length - 1 - first))];
  const lowest = at(CUT), highest = at(1 - CUT);
  return { lowest, highest: highest > lowest ? highest : lowest + 1 };
}

/** Soft tissue as radiologists look at the abdomen, in HU. */
const SOFT_TISSUE: GreyWindow = { lowest: -160, highest: 240 };

/** What lies beyond is lung or dense bone, and shown with so much about it, in HU. */
const LUNG_HU = -300, BONE_HU = 500, ABOUT_HU = 400;

/**
 * The window of a scan as it came from the scanner: of a CT, whose values from air to metal would leave little of an organ,
 * soft tissue, or what surrounds the median of what is labelled; else that of {@link greyWindow}.
 *
 * @param labels of its voxels
 */
export function scanWindow(image: Volume, labels: ArrayLike<number>): GreyWindow {
  if (!reachesOverHU(image)) return greyWindow(image.data);
  const stride = Math.max(1, Math.floor(labels.length / (100 * SAMPLES)));
  const found: number[] = [];
  for (let i = 0; i < labels.length; i += stride) if (labels[i] !== 0) found.push(image.data[i]);
  const middle = Float64Array.from(found).sort()[found.length >> 1] ?? 0;
  const isSoft = middle >= LUNG_HU && middle <= BONE_HU;
  return isSoft ? SOFT_TISSUE : { lowest: middle - ABOUT_HU, highest: middle + ABOUT_HU };
}

/** The voxels in 8 bits. */
export function greyVoxels(data: ArrayLike<number>, { lowest, highest }: GreyWindow): Uint8Array<ArrayBuffer> {
  const result = new Uint8ClampedArray(data.length);
  const scale = 255 / (highest - lowest), shift = -lowest * scale;
  for (let i = 0; i < result.length; i++) result[i] = data[i] * scale + shift;
  return new Uint8Array(result.buffer);
}

/** A grey picture. */
export interface Grey {
  /** Pixels in a row. */
  width: number;
  /** Rows. */
  height: number;
  /** Grey levels, row by row. */
  data: Uint8Array<ArrayBuffer>;
}

/** A picture whose longer side has at most `side` pixels: every pixel is the mean of those that it covers. */
export function shrunk({ width, height, data }: Grey, side: number): Grey {
  const factor = side / Math.max(width, height);
  if (factor >= 1) return { width, height, data };
  const w = Math.max(1, Math.round(width * factor)), h = Math.max(1, Math.round(height * factor));
  const result = new Uint8Array(w * h);
  for (let y = 0; y < h; y++) {
    const top = Math.floor(y * height / h), bottom = Math.max(top + 1, Math.floor((y + 1) * height / h));
    for (let x = 0; x < w; x++) {
      const left = Math.floor(x * width / w), right = Math.max(left + 1, Math.floor((x + 1) * width / w));
      let sum = 0;
      for (let j = top; j < bottom; j++) for (let i = left; i < right; i++) sum += data[j * width + i];
      result[y * w + x] = Math.round(sum / ((bottom - top) * (right - left)));
    }
  }
  return { width: w, height: h, data: result };
}
