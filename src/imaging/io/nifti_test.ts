import assert from "node:assert/strict";
import type { Volume } from "../volume.ts";
import { decodeNifti } from "./nifti.ts";
import { encodeNifti } from "./nifti_encode.ts";
import { swapBytes } from "./swap_bytes.ts";

const AFFINE = [-1.5, 0.1, 0, 40, 0, -1.2, 0.3, 30, 0.2, 0, 5, -20, 0, 0, 0, 1];
const SPACING = [Math.hypot(1.5, 0.2), Math.hypot(0.1, 1.2), Math.hypot(0.3, 5)].map(Math.fround) as Volume["spacing"];

function volume(data: Volume["data"]): Volume {
  return { data, size: [3, 2, 4], spacing: SPACING, affine: AFFINE };
}

const TYPES: (new (values: number[]) => Volume["data"])[] = [
  Int8Array,
  Uint8Array,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
];

for (const Type of TYPES) {
  Deno.test(`encodeNifti() and decodeNifti() are inverse for ${Type.name}`, () => {
    const before = volume(new Type(Array.from({ length: 24 }, (_, i) => i * 3 % 100)));
    const after = decodeNifti(encodeNifti(before), "x.nii");
    assert.deepEqual(after.data, before.data);
    assert.deepEqual([after.size, after.spacing], [before.size, before.spacing]);
    after.affine.forEach((value, i) => assert.ok(Math.abs(value - AFFINE[i]) < 1e-6));
  });
}

Deno.test("decodeNifti() reads the other byte order and applies scl_slope and scl_inter", () => {
  const bytes = encodeNifti(volume(Int16Array.from({ length: 24 }, (_, i) => i - 5)));
  const view = new DataView(bytes.buffer);
  view.setFloat32(112, 2, true);
  view.setFloat32(116, -7, true);
  const scaled = decodeNifti(bytes, "x.nii");
  assert.ok(scaled.data instanceof Float32Array);
  assert.deepEqual([...scaled.data], Array.from({ length: 24 }, (_, i) => 2 * (i - 5) - 7));

  const swapped = bytes.slice();
  const swap = (offset: number, width: number, count = 1) => {
    for (let k = 0; k < count; k++) swapped.subarray(offset + k * width, offset + (k + 1) * width).reverse();
  };
  swap(0, 4);
  swap(40, 2, 8);
  swap(70, 2, 2);
  swap(76, 4, 8);
  swap(108, 4, 3);
  swap(252, 2, 2);
  swap(256, 4, 18);
  swap(352, 2, 24);
  assert.deepEqual(decodeNifti(swapped, "x.nii").data, scaled.data);
});

Deno.test("decodeNifti() reads 64-bit integers, and voxels that begin at an odd byte", () => {
  const bytes = encodeNifti(volume(Float64Array.from({ length: 24 }, (_, i) => i)));
  const view = new DataView(bytes.buffer);
  for (const [code, first] of [[1024, -9n], [1280, 2n ** 40n]] as const) {
    view.setInt16(70, code, true);
    for (let i = 0; i < 24; i++) view.setBigUint64(352 + 8 * i, BigInt.asUintN(64, first + BigInt(i)), true);
    const { data } = decodeNifti(bytes, "x.nii");
    assert.deepEqual(data, Float64Array.from({ length: 24 }, (_, i) => Number(first) + i));
  }
  const odd = encodeNifti(volume(Int16Array.from({ length: 24 }, (_, i) => 1000 - i)));
  const moved = new Uint8Array(odd.length + 1);
  moved.set(odd.subarray(0, 352));
  moved.set(odd.subarray(352), 353);
  new DataView(moved.buffer).setFloat32(108, 353, true);
  assert.deepEqual(decodeNifti(moved, "x.nii").data, Int16Array.from({ length: 24 }, (_, i) => 1000 - i));
});

Deno.test("decodeNifti() uses the qform where there is no sform", () => {
  const bytes = encodeNifti({
    ...volume(new Uint8Array(24)),
    spacing: [1.5, 1.25, 5],
    affine: [0, -1.25, 0, 1, 1.5, 0, 0, 2, 0, 0, -5, 3, 0, 0, 0, 1],
  });
  new DataView(bytes.buffer).setInt16(254, 0, true);
  const { affine } = decodeNifti(bytes, "x.nii");
  [0, -1.25, 0, 1, 1.5, 0, 0, 2, 0, 0, -5, 3].forEach((value, i) =>
    assert.ok(Math.abs(affine[i] - value) < 1e-6, `${affine}`)
  );
});

Deno.test("swapBytes() reverses the bytes of every number, and leaves what is over", () => {
  for (const width of [2, 4, 8]) {
    const bytes = Uint8Array.from({ length: 3 * width + 1 }, (_, i) => 255 - i);
    const expected = [0, 1, 2].flatMap((n) => [...bytes.slice(n * width, (n + 1) * width)].reverse());
    swapBytes(bytes, width);
    assert.deepEqual([...bytes], [...expected, 255 - 3 * width], String(width));
  }
});
