import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import type { Random } from "../../random.ts";
import { encodeNifti } from "../../imaging/io/nifti_encode.ts";
import { readNifti, readNiftiHeader } from "../../imaging/files/nifti_file.ts";
import type { Volume, VoxelArray } from "../../imaging/volume.ts";
import { expect, type FuzzFormat, outcomeOf } from "../format.ts";
import { fields, joined, spoiledBytes, spoilField } from "../mutate_bytes.ts";

const SIZE = [5, 4, 3] as const;

/** A volume of 5 × 4 × 3 voxels. */
function volume(data: VoxelArray): Volume {
  const affine = [-0.7, 0, 0, 10, 0, 0.8, 0, -20, 0, 0, 5, 30, 0, 0, 0, 1];
  return { data: data.map((_, i) => i % 7) as VoxelArray, size: [...SIZE], spacing: [0.7, 0.8, 5], affine };
}

/** The same as NIfTI-2, whose header is another one. */
function secondVersion(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(544), from = new DataView(bytes.buffer), to = new DataView(header.buffer);
  to.setInt32(0, 540, true);
  header.set([0x6e, 0x2b, 0x32, 0, 0x0d, 0x0a, 0x1a, 0x0a], 4);
  to.setInt16(12, from.getInt16(70, true), true); // datatype
  to.setInt16(14, from.getInt16(72, true), true); // bitpix
  for (let k = 0; k < 8; k++) to.setBigInt64(16 + 8 * k, BigInt(from.getInt16(40 + 2 * k, true)), true); // dim
  for (let k = 0; k < 8; k++) to.setFloat64(104 + 8 * k, from.getFloat32(76 + 4 * k, true), true); // pixdim
  to.setBigInt64(168, 544n, true); // vox_offset
  to.setFloat64(176, 1, true); // scl_slope
  to.setInt32(344, from.getInt16(252, true), true); // qform_code
  to.setInt32(348, from.getInt16(254, true), true); // sform_code
  for (let k = 0; k < 18; k++) to.setFloat64(352 + 8 * k, from.getFloat32(256 + 4 * k, true), true); // q…, srow
  to.setInt32(500, from.getUint8(123), true); // xyzt_units
  return joined([header, bytes.subarray(352)]);
}

/** Fields of the header of either version, those of the grid more than once: they decide most. */
const FIELDS = {
  1: [
    ...fields(0, "i32"),
    ...fields(40, "i16", 8),
    ...fields(70, "i16", 2),
    ...[...fields(76, "f32", 4), ...fields(76, "f32", 4), ...fields(108, "f32", 3)],
    ...[...fields(123, "u8"), ...fields(252, "i16", 2), ...fields(256, "f32", 18), ...fields(256, "f32", 18)],
    ...[...fields(344, "i32"), ...fields(348, "i32")],
  ],
  2: [
    ...fields(0, "i32", 3),
    ...fields(12, "i16", 2),
    ...[...fields(16, "i64", 8), ...fields(104, "f64", 4), ...fields(104, "f64", 4), ...fields(168, "i64")],
    ...[...fields(176, "f64", 2), ...fields(344, "i32", 2), ...fields(352, "f64", 18), ...fields(500, "i32")],
    ...fields(540, "i32"),
  ],
} as const;

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** NIfTI-1 and NIfTI-2, packed and not. */
export const nifti: FuzzFormat = {
  seeds() {
    const first = [new Int16Array(60), new Float32Array(60), new Uint8Array(60), new Float64Array(60)].map((data) =>
      encodeNifti(volume(data))
    );
    const flat = encodeNifti({ ...volume(new Uint8Array(20)), size: [5, 4, 1] });
    const second = first.slice(0, 2).map(secondVersion);
    const packed = [first[0], second[1]].map((bytes) => new Uint8Array(gzipSync(bytes)));
    return Promise.resolve([...first, flat, ...second, ...packed]);
  },

  mutate(seed, random) {
    if (!isGzip(seed)) return spoiledHeader(seed, random);
    if (random.chance(0.3)) return spoiledBytes(seed, random); // what is packed is damaged
    const inner = spoiledHeader(new Uint8Array(gunzipSync(seed)), random);
    if (random.chance(0.8)) return new Uint8Array(gzipSync(inner));
    const middle = random.integer(inner.length + 1); // two members
    return joined([gzipSync(inner.subarray(0, middle)), gzipSync(inner.subarray(middle))]);
  },

  async check(bytes, dir) {
    const path = join(dir, isGzip(bytes) ? "a.nii.gz" : "a.nii");
    await writeFile(path, bytes);
    const header = await outcomeOf(async () => void await readNiftiHeader(path));
    return await outcomeOf(async () => {
      const notFinite = bytes.length % 2 === 0 ? "lowest" : undefined;
      checkVolume(await readNifti(path, { notFinite }));
      expect(header === "taken", "a volume whose header is refused");
    });
  },
};

function spoiledHeader(seed: Uint8Array<ArrayBuffer>, random: Random): Uint8Array<ArrayBuffer> {
  if (random.chance(0.2)) return spoiledBytes(seed, random);
  const result = seed.slice(), isSecond = seed[4] === 0x6e;
  do spoilField(result, random.pick(FIELDS[isSecond ? 2 : 1]), random); while (random.chance(0.5));
  return result;
}

/** Largest share by which a spacing may differ from its column of the affine. */
const SPACING_SHARE = 2e-3;

/** Whether a volume is one: as many finite voxels as its size says, in a grid that is regular and agrees with itself. */
export function checkVolume({ data, size, spacing, affine }: Volume): void {
  expect(size.length === 3 && size.every((n) => Number.isSafeInteger(n) && n > 0), `size ${size}`);
  expect(data.length === size[0] * size[1] * size[2], `${data.length} voxels for size ${size}`);
  expect(data.every((x) => Number.isFinite(x)), "voxels that are not finite");
  expect(spacing.length === 3 && spacing.every((mm) => Number.isFinite(mm) && mm > 0), `spacing ${spacing}`);
  expect(affine.length === 16 && affine.every(Number.isFinite), `affine ${affine}`);
  expect([0, 0, 0, 1].every((value, k) => affine[12 + k] === value), `last row ${affine.slice(12)}`);
  const columns = [0, 1, 2].map((axis) => [0, 1, 2].map((row) => affine[4 * row + axis]));
  for (const [axis, column] of columns.entries()) {
    const length = Math.hypot(...column);
    expect(Math.abs(length - spacing[axis]) <= SPACING_SHARE * length, `spacing ${spacing} of affine ${affine}`);
  }
  const [a, b, c] = columns.map((column) => {
    const length = Math.hypot(...column);
    return column.map((x) => x / length);
  });
  const cell = a[0] * (b[1] * c[2] - b[2] * c[1]) - a[1] * (b[0] * c[2] - b[2] * c[0]) +
    a[2] * (b[0] * c[1] - b[1] * c[0]);
  expect(Math.abs(cell) > 1e-4, `singular affine ${affine}`);
}
