import type { Triple, Volume } from "../volume.ts";
import type { WrittenGrid } from "./nifti_header.ts";

const CODES = new Map<unknown, [code: number, bits: number]>([
  [Uint8Array, [2, 8]],
  [Int16Array, [4, 16]],
  [Int32Array, [8, 32]],
  [Float32Array, [16, 32]],
  [Float64Array, [64, 64]],
  [Int8Array, [256, 8]],
  [Uint16Array, [512, 16]],
  [Uint32Array, [768, 32]],
]);

/** Bytes of an uncompressed NIfTI-1 file, little-endian, with qform and sform of code 1, or with those of another file. */
export function encodeNifti(volume: Volume, like?: WrittenGrid): Uint8Array<ArrayBuffer> {
  const header = encodeHeader(volume, like), voxels = bytesOfVoxels(volume);
  const result = new Uint8Array(header.length + voxels.length);
  result.set(header);
  result.set(voxels, header.length);
  return result;
}

/** The voxels as they lie in a file. */
export function bytesOfVoxels({ data }: Volume): Uint8Array<ArrayBuffer> {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/**
 * What stands before the voxels.
 *
 * @param like what a file of the same grid says of it, which is written as it stands there, faults included: whatever reads both
 * lays one on the other
 */
export function encodeHeader({ data, size, spacing, affine }: Volume, like?: WrittenGrid): Uint8Array<ArrayBuffer> {
  const [code, bits] = CODES.get(data.constructor)!;
  const result = new Uint8Array(352);
  const view = new DataView(result.buffer);
  view.setInt32(0, 348, true);
  view.setInt16(70, code, true);
  view.setInt16(72, bits, true);
  view.setFloat32(108, 352, true); // where the voxels begin
  view.setFloat32(112, 1, true); // scl_slope
  const { dims, qfac, pixdim, units, qformCode, sformCode, quaternion, offset, rows } = like ??
    writtenGrid({ size, spacing, affine });
  dims.forEach((n, k) => view.setInt16(40 + 2 * k, n, true));
  [qfac, ...pixdim].forEach((mm, k) => view.setFloat32(76 + 4 * k, mm, true));
  view.setUint8(123, units);
  view.setInt16(252, qformCode, true);
  view.setInt16(254, sformCode, true);
  [...quaternion, ...offset].forEach((value, k) => view.setFloat32(256 + 4 * k, value, true));
  rows.forEach((value, k) => view.setFloat32(280 + 4 * k, value, true));
  result.set(new TextEncoder().encode("n+1"), 344);
  return result;
}

/** Code of a grid in the coordinates of a scanner, and of millimetres. */
const SCANNER = 1, MILLIMETRES = 2;

function writtenGrid({ size, spacing, affine }: Pick<Volume, "size" | "spacing" | "affine">): WrittenGrid {
  const { quaternion, handedness } = quaternionOf(affine, spacing);
  return {
    dims: [3, ...size, 1, 1, 1, 1],
    size,
    qfac: handedness,
    pixdim: spacing,
    units: MILLIMETRES,
    qformCode: SCANNER,
    quaternion,
    offset: [affine[3], affine[7], affine[11]],
    sformCode: SCANNER,
    rows: affine.slice(0, 12),
  };
}

/** Quaternion (b, c, d) of the nearest rotation, and the sign of the third axis (`pixdim[0]`). */
function quaternionOf(affine: readonly number[], spacing: Triple): { quaternion: Triple; handedness: 1 | -1 } {
  const m = [0, 1, 2].map((row) => [0, 1, 2].map((column) => affine[4 * row + column] / spacing[column]));
  const determinant = m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) -
    m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0]) +
    m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0]);
  const handedness = determinant < 0 ? -1 : 1;
  if (handedness < 0) { for (const row of m) row[2] = -row[2]; }
  const trace = m[0][0] + m[1][1] + m[2][2];
  let a: number, b: number, c: number, d: number;
  if (trace > 0) {
    a = 0.5 * Math.sqrt(1 + trace);
    [b, c, d] = [m[2][1] - m[1][2], m[0][2] - m[2][0], m[1][0] - m[0][1]].map((x) => 0.25 * x / a);
  } else {
    const squares = [1 + m[0][0] - m[1][1] - m[2][2], 1 + m[1][1] - m[0][0] - m[2][2], 1 + m[2][2] - m[0][0] - m[1][1]];
    const largest = squares.indexOf(Math.max(...squares));
    const half = 0.5 * Math.sqrt(squares[largest]);
    if (largest === 0) {
      [b, c, d, a] = [half, 0.25 * (m[0][1] + m[1][0]) / half, 0.25 * (m[0][2] + m[2][0]) / half, m[2][1] - m[1][2]];
    } else if (largest === 1) {
      [b, c, d, a] = [0.25 * (m[0][1] + m[1][0]) / half, half, 0.25 * (m[1][2] + m[2][1]) / half, m[0][2] - m[2][0]];
    } else {
      [b, c, d, a] = [0.25 * (m[0][2] + m[2][0]) / half, 0.25 * (m[1][2] + m[2][1]) / half, half, m[1][0] - m[0][1]];
    }
    if (a < 0) [b, c, d] = [-b, -c, -d];
  }
  return { quaternion: [b, c, d], handedness };
}
