import assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { placeOf } from "../../imaging/geometry.ts";
import { decodeNifti } from "../../imaging/io/nifti.ts";
import type { Triple, Volume } from "../../imaging/volume.ts";
import { fromResiduals, type PackedVolume, residuals, viewerBytes, ViewerMaker } from "./viewer_volume.ts";

/** The volume that a page's script would make. */
function unpacked({ header, voxels, size }: PackedVolume, isImage: boolean): Volume {
  const bytes = new Uint8Array(gunzipSync(Uint8Array.fromBase64(voxels)));
  const data = isImage ? fromResiduals(bytes, size[0]) : bytes;
  return decodeNifti(new Uint8Array([...Uint8Array.fromBase64(header), ...data]), "packed");
}

const close = (a: readonly number[], b: readonly number[]) =>
  assert.ok(a.every((value, i) => Math.abs(value - b[i]) < 1e-4), `${a} is not ${b}`);

Deno.test("residuals() and fromResiduals() are inverse", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), fc.integer({ min: 1, max: 9 }), (data, width) => {
    assert.deepEqual(fromResiduals(residuals(data, width), width), new Uint8Array(data));
  }));
});

Deno.test("ViewerMaker cuts the box around truth and prediction out of the volume, and every voxel keeps its place", () => {
  const size: Triple = [60, 50, 12], [nx, ny, nz] = size;
  const grid = { size, spacing: [2, 3, 4] as Triple, affine: [0, -3, 0, 7, 2, 0, 0, -5, 0, 0, 4, 9, 0, 0, 0, 1] };
  const at = (x: number, y: number, z: number) => (z * ny + y) * nx + x;
  const grey = Uint8Array.from({ length: nx * ny * nz }, (_, i) => i * 7 % 251);
  const predicted = new Uint8Array(grey.length), truth = new Uint16Array(grey.length);
  predicted[at(10, 30, 6)] = 2;
  truth[at(35, 10, 5)] = 300;
  for (const coarseness of [1, 2] as const) {
    const packed = new ViewerMaker({ grid, predicted, truth }, grey).make(coarseness);
    assert.deepEqual(packed.origin, [6, 6, 3]);
    const image = unpacked(packed.image, true), mask = unpacked(packed.predicted, false);
    const label = unpacked(packed.truth!, false);
    assert.deepEqual([mask.size, label.size], [[34, 29, 6], [34, 29, 6]]);
    for (const [volume, x, y, z, value] of [[mask, 10, 30, 6, 2], [label, 35, 10, 5, 300]] as const) {
      const inside = volume.data.findIndex((found) => found !== 0);
      assert.equal(volume.data[inside], value);
      const voxel = [inside % 34, Math.floor(inside / 34) % 29, Math.floor(inside / 34 / 29)];
      close(placeOf(volume.affine, voxel), placeOf(grid.affine, [x, y, z]));
    }
    if (coarseness === 1) {
      assert.deepEqual(image.size, mask.size);
      assert.equal(image.data[0], grey[at(6, 6, 3)]);
      close(placeOf(image.affine, [3, 4, 5]), placeOf(grid.affine, [9, 10, 8]));
    } else {
      assert.deepEqual(image.size, [17, 15, 6]);
      const four = [[6, 6], [7, 6], [6, 7], [7, 7]].map(([x, y]) => grey[at(x, y, 3)]);
      assert.equal(image.data[0], 4 * Math.round(four.reduce((sum, value) => sum + value) / 16));
      close(placeOf(image.affine, [0, 0, 0]), placeOf(grid.affine, [6.5, 6.5, 3]));
      close(placeOf(image.affine, [1, 1, 0]), placeOf(grid.affine, [8.5, 8.5, 3]));
    }
    assert.ok(viewerBytes(packed) > 0);
  }
});

Deno.test("ViewerMaker shows enough of the slices around a few voxels", () => {
  const grid = {
    size: [60, 50, 12] as Triple,
    spacing: [1, 1, 1] as Triple,
    affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0],
  };
  const predicted = new Uint8Array(60 * 50 * 12);
  predicted[(11 * 50 + 48) * 60 + 30] = 1;
  const packed = new ViewerMaker({ grid, predicted }, new Uint8Array(predicted.length)).make(1);
  assert.deepEqual([packed.origin, packed.image.size], [[16, 25, 9], [30, 25, 3]]);
});

Deno.test("ViewerMaker shows all of a case in which nothing is predicted", () => {
  const grid = {
    size: [3, 2, 1] as Triple,
    spacing: [1, 1, 1] as Triple,
    affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
  };
  const packed = new ViewerMaker({ grid, predicted: new Uint8Array(6) }, new Uint8Array(6)).make(1);
  assert.deepEqual([packed.origin, packed.image.size, packed.truth], [[0, 0, 0], [3, 2, 1], undefined]);
});
