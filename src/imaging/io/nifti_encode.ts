import type { Triple, Volume } from "../volume.ts";

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

/** Bytes of an uncompressed NIfTI-1 file, little-endian, with qform and sform of code 1. */
export function encodeNifti(volume: Volume): Uint8Array<ArrayBuffer> {
  const header = encodeHeader(volume), voxels = bytesOfVoxels(volume);
  const result = new Uint8Array(header.length + voxels.length);
  result.set(header);
  result.set(voxels, header.length);
  return result;
}

/** The voxels as they lie in a file. */
export function bytesOfVoxels({ data }: Volume): Uint8Array<ArrayBuffer> {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** What stands before the voxels. */
export function encodeHeader({ data, size, spacing, affine }: Volume): Uint8Array<ArrayBuffer> {
  const [code, bits] = CODES.get(data.constructor)!;
  const result = new Uint8Array(352);
  const view = new DataView(result.buffer);
  view.setInt32(0, 348, true);
  [3, ...size, 1, 1, 1, 1].forEach((n, k) => view.setInt16(40 + 2 * k, n, true));
  view.setInt16(70, code, true);
  view.setInt16(72, bits, true);
  const { quaternion: [b, c, d], handedness } = quaternionOf(affine, spacing);
  [handedness, ...spacing, 0, 0, 0, 0].forEach((mm, k) => view.setFloat32(76 + 4 * k, mm, true));
  view.setFloat32(108, 352, true); // where the voxels begin
  view.setFloat32(112, 1, true); // scl_slope
  view.setUint8(123, 2); // millimetres
  view.setInt16(252, 1, true);
  view.setInt16(254, 1, true);
  [b, c, d, affine[3], affine[7], affine[11]].forEach((value, k) => view.setFloat32(256 + 4 * k, value, true));
  affine.slice(0, 12).forEach((value, k) => view.setFloat32(280 + 4 * k, value, true));
  result.set(new TextEncoder().encode("n+1"), 344);
  return result;
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
