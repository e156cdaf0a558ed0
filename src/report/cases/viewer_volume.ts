import { constants, gzipSync } from "node:zlib";
import type { Grid } from "../../imaging/geometry.ts";
import { placeOf } from "../../imaging/geometry.ts";
import { encodeHeader } from "../../imaging/io/nifti_encode.ts";
import type { Triple } from "../../imaging/volume.ts";
import type { CaseAnalysis } from "./case_analysis.ts";

/** A case as the viewer of a page loads it; every text is base64. */
export interface ViewerCase {
  /** 8-bit image: header of a NIfTI file, and its voxels as {@link residuals}, gzip. */
  image: PackedVolume;
  /** Position of the predicted class from 1, gzip. */
  predicted: PackedVolume;
  /** The same for the truth; none without labels. */
  truth?: PackedVolume;
  /** First voxel of the box along x, y, z, by the volume's own numbers. */
  origin: Triple;
  /** Whether positions of classes take two bytes. */
  wide: boolean;
  /** How many voxels in-plane one of the image's stands for, along x and along y: 1 or 2. */
  coarseness: number;
}

/** A volume in two texts. */
export interface PackedVolume {
  /** The 352 bytes before the voxels of a NIfTI-1 file. */
  header: string;
  /** Its voxels, packed. */
  voxels: string;
  /** Size along x, y, z. */
  size: Triple;
}

/** Voxels along x, y, z: from `first`, `size` many. */
interface Box {
  first: Triple;
  size: Triple;
}

/** How far around the classes a case is shown: a share of the side in-plane, and slices. */
const MARGIN_SHARE = 0.06, MARGIN_SLICES = 2;

/** Least share of a slice's sides that is shown: a few voxels alone tell nobody where they lie. */
const LEAST_SHARE = 0.5;

/** Grey levels of the coarse image are multiples of it: the eye does not see more than 64 of them in noise. */
const COARSE_STEP = 4;

/** Makes what the viewer needs of a case: the box around all that is true or predicted, in 8 bits. */
export class ViewerMaker {
  readonly #box: Box;
  readonly #masks: Pick<ViewerCase, "predicted" | "truth" | "origin" | "wide">;

  /** @param grey the whole image in 8 bits */
  constructor(
    readonly analysis: Pick<CaseAnalysis, "grid" | "predicted" | "truth">,
    readonly grey: Uint8Array<ArrayBuffer>,
  ) {
    const { grid, predicted, truth } = analysis;
    this.#box = shownBox(grid.size, truth ? [predicted, truth] : [predicted]);
    const packMask = (mask: CaseAnalysis["predicted"]) => {
      const data = cut(mask, grid.size, this.#box);
      return pack({ ...cutGrid(grid, this.#box), data }, gzipSync(new Uint8Array(data.buffer)));
    };
    this.#masks = {
      predicted: packMask(predicted),
      ...(truth ? { truth: packMask(truth) } : {}),
      origin: this.#box.first,
      wide: predicted instanceof Uint16Array,
    };
  }

  /** @param coarseness 2: the image with a quarter of its voxels, and of its grey levels; masks keep all */
  make(coarseness: 1 | 2): ViewerCase {
    const { grid } = this.analysis;
    const fine = { data: cut(this.grey, grid.size, this.#box), ...cutGrid(grid, this.#box) };
    const image = coarseness === 1 ? fine : halved(fine);
    // residuals repeat nothing but zeros
    const packed = gzipSync(residuals(image.data, image.size[0]), { strategy: constants.Z_RLE });
    return { image: pack(image, packed), ...this.#masks, coarseness };
  }
}

/** Bytes that a case takes in a page. */
export function viewerBytes({ image, predicted, truth }: ViewerCase): number {
  return [image, predicted, truth].reduce((sum, one) => sum + (one ? one.header.length + one.voxels.length : 0), 0);
}

function pack(
  volume: Grid & { data: Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer> },
  packed: Uint8Array,
): PackedVolume {
  return { header: encodeHeader(volume).toBase64(), voxels: new Uint8Array(packed).toBase64(), size: volume.size };
}

/** The box around all that is in one of the masks, with a margin; the whole volume where nothing is. */
function shownBox(size: Triple, masks: readonly ArrayLike<number>[]): Box {
  const low: Triple = [...size], high: Triple = [-1, -1, -1];
  const [nx, ny, nz] = size;
  for (const mask of masks) {
    for (let z = 0, i = 0; z < nz; z++) {
      for (let y = 0; y < ny; y++) {
        for (let x = 0; x < nx; x++, i++) {
          if (mask[i] === 0) continue;
          if (x < low[0]) low[0] = x;
          if (x > high[0]) high[0] = x;
          if (y < low[1]) low[1] = y;
          if (y > high[1]) high[1] = y;
          if (z < low[2]) low[2] = z;
          if (z > high[2]) high[2] = z;
        }
      }
    }
  }
  if (high[0] < 0) return { first: [0, 0, 0], size };
  const margin = Math.round(MARGIN_SHARE * Math.max(nx, ny));
  const along = ([0, 1, 2] as const).map((axis) => {
    const around = axis < 2 ? margin : MARGIN_SLICES;
    const first = Math.max(0, low[axis] - around), length = Math.min(size[axis], high[axis] + around + 1) - first;
    const least = axis < 2 ? Math.ceil(LEAST_SHARE * size[axis]) : 0;
    if (length >= least) return { first, length };
    const start = first - (least - length >> 1);
    return { first: Math.max(0, Math.min(size[axis] - least, start)), length: least };
  });
  return { first: along.map(({ first }) => first) as Triple, size: along.map(({ length }) => length) as Triple };
}

function cutGrid({ spacing, affine }: Grid, { first, size }: Box): Grid {
  return { size, spacing, affine: withOrigin(affine, placeOf(affine, first)) };
}

function withOrigin(affine: readonly number[], origin: Triple): number[] {
  return affine.map((value, i) => i < 12 && i % 4 === 3 ? origin[Math.floor(i / 4)] : value);
}

function cut<T extends Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer>>(
  data: T,
  [nx, ny]: Triple,
  { first, size: [w, h, d] }: Box,
): T {
  const result = new (data.constructor as new (length: number) => T)(w * h * d);
  for (let z = 0, i = 0; z < d; z++) {
    for (let y = 0; y < h; y++, i += w) {
      const start = ((first[2] + z) * ny + first[1] + y) * nx + first[0];
      result.set(data.subarray(start, start + w), i);
    }
  }
  return result;
}

/** The image with half as many voxels along x and y, each the mean of four; the grid's outer edges stay where they are. */
function halved({ data, size: [nx, ny, nz], spacing, affine }: Grid & { data: Uint8Array<ArrayBuffer> }) {
  const w = Math.ceil(nx / 2), h = Math.ceil(ny / 2);
  const result = new Uint8Array(w * h * nz);
  for (let z = 0, i = 0; z < nz; z++) {
    for (let y = 0; y < h; y++) {
      const top = (z * ny + 2 * y) * nx, below = 2 * y + 1 < ny ? top + nx : top;
      for (let x = 0; x < w; x++, i++) {
        const left = 2 * x, right = Math.min(left + 1, nx - 1);
        const mean = (data[top + left] + data[top + right] + data[below + left] + data[below + right]) / 4;
        result[i] = Math.min(255, COARSE_STEP * Math.round(mean / COARSE_STEP));
      }
    }
  }
  const doubled = affine.map((value, k) => k < 12 && k % 4 < 2 ? 2 * value : value);
  return {
    data: result,
    size: [w, h, nz] as Triple,
    spacing: [2 * spacing[0], 2 * spacing[1], spacing[2]] as Triple,
    affine: withOrigin(doubled, placeOf(affine, [0.5, 0.5, 0])),
  };
}

/**
 * What is left of every voxel once it was guessed from those to its left and above (the median predictor of LOCO-I): smaller
 * numbers, which gzip packs a fifth better. {@link fromResiduals} undoes it; the page's script does the same.
 */
export function residuals(data: Uint8Array, width: number): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) result[i] = data[i] - guess(data, i, width);
  return result;
}

/** Undoes {@link residuals}. */
export function fromResiduals(packed: Uint8Array, width: number): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(packed.length);
  for (let i = 0; i < packed.length; i++) result[i] = packed[i] + guess(result, i, width);
  return result;
}

function guess(data: Uint8Array, i: number, width: number): number {
  const hasLeft = i % width > 0, hasAbove = i >= width;
  const left = hasLeft ? data[i - 1] : 0, above = hasAbove ? data[i - width] : 0;
  const corner = hasLeft && hasAbove ? data[i - width - 1] : 0;
  if (corner >= Math.max(left, above)) return Math.min(left, above);
  if (corner <= Math.min(left, above)) return Math.max(left, above);
  return left + above - corner;
}
