import assert from "node:assert/strict";
import { UserError } from "../../errors.ts";
import { spoilHeader } from "../../testing/nifti_header.ts";
import type { Volume } from "../volume.ts";
import { readNiftiHeader } from "../files/nifti_file.ts";
import { decodeNifti } from "./nifti.ts";
import { encodeNifti } from "./nifti_encode.ts";

const LAS = [-1.5, 0, 0, 10, 0, 1.25, 0, -20, 0, 0, 5, 30, 0, 0, 0, 1];

function volume(data: Volume["data"] = Int16Array.from({ length: 24 }, (_, i) => i)): Volume {
  return { data, size: [3, 2, 4], spacing: [1.5, 1.25, 5], affine: LAS };
}

/** A file with extensions between header and voxels (nifti1.h: size, code, content). */
function withExtensions(...sizes: number[]): Uint8Array<ArrayBuffer> {
  const plain = encodeNifti(volume());
  const length = sizes.reduce((a, b) => a + b, 0);
  const bytes = new Uint8Array(plain.length + length);
  bytes.set(plain.subarray(0, 352));
  bytes.set(plain.subarray(352), 352 + length);
  const view = new DataView(bytes.buffer);
  view.setFloat32(108, 352 + length, true);
  bytes[348] = 1;
  let at = 352;
  for (const size of sizes) {
    view.setInt32(at, size, true);
    view.setInt32(at + 4, 6, true);
    bytes.fill(65, at + 8, at + size);
    at += size;
  }
  return bytes;
}

Deno.test("decodeNifti() passes over extensions of any length and number", () => {
  for (const sizes of [[], [16], [32], [6000, 48], [1804], [48, 70_000, 16]]) {
    assert.deepEqual(decodeNifti(withExtensions(...sizes), "x.nii"), volume(), sizes.join());
  }
  // a flag without an extension
  const bytes = withExtensions();
  bytes[348] = 1;
  assert.deepEqual(decodeNifti(bytes, "x.nii"), volume());
});

Deno.test("readNiftiHeader() reads a header before extensions that are longer than what it reads", async () => {
  const path = await Deno.makeTempFile({ suffix: ".nii" });
  try {
    await Deno.writeFile(path, withExtensions(70_000));
    assert.deepEqual((await readNiftiHeader(path)).affine, LAS);
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("decodeNifti() takes the sform, tells what contradicts it, and refuses what leaves no grid by the field's name", () => {
  const told: string[] = [];
  const options = { onHeader: (message: string) => told.push(message) };
  const spoiled = spoilHeader(encodeNifti(volume()), { qformCode: 2, quaternion: [0, 0, 0] });
  assert.deepEqual(decodeNifti(spoiled, "x.nii", options).affine, LAS);
  assert.match(told[0], /^"x\.nii": sform \(code 1, LAS, .*qform \(code 2/);
  const empty = spoilHeader(encodeNifti(volume()), { sformCode: 0, qformCode: 0, pixdim: [1, 1.5, 0, 5] });
  assert.throws(
    () => decodeNifti(empty, "x.nii"),
    (error) =>
      error instanceof UserError && error.kind === "data" &&
      /Cannot read "x\.nii": expected a spacing above 0 mm in pixdim\[2\].*found 0$/.test(error.message),
  );
});

Deno.test("decodeNifti() puts the lowest finite value, or background, in place of what is not finite, and counts it", () => {
  const data = Float32Array.from({ length: 24 }, (_, i) => i + 3);
  data[5] = NaN;
  data[7] = -Infinity;
  const bytes = encodeNifti(volume(data));
  assert.throws(() => decodeNifti(bytes, "x.nii"), /expected finite voxels, found NaN at voxel \(2, 1, 0\)/);
  const told: string[] = [];
  const onVoxels = (message: string) => told.push(message);
  const image = decodeNifti(bytes, "x.nii", { notFinite: "lowest", onVoxels });
  assert.deepEqual([image.data[5], image.data[7], image.data[8]], [3, 3, 11]);
  const label = decodeNifti(bytes, "x.nii", { notFinite: "background", onVoxels });
  assert.deepEqual([label.data[5], label.data[7]], [0, 0]);
  assert.match(
    told[0],
    /2 of 24 voxels are not finite \(the first, NaN at voxel \(2, 1, 0\)\): they become the lowest finite value, 3/,
  );
  assert.match(told[1], /they become background/);
  const none = encodeNifti(volume(new Float32Array(24).fill(NaN)));
  assert.throws(() => decodeNifti(none, "x.nii", { notFinite: "lowest" }), /expected finite voxels, found none/);
});
