import assert from "node:assert/strict";
import { commonSpacing, fitSquare, orient, orientationLike, sliceAxis } from "./orient.ts";
import type { Triple, Volume } from "./volume.ts";

function volume(size: Triple, spacing: Triple, columns: number[][]): Volume {
  const affine = [0, 1, 2].flatMap((row) => [...columns.map((column, k) => column[row] * spacing[k]), 10 * row]);
  const data = Float32Array.from({ length: size[0] * size[1] * size[2] }, (_, i) => i + 1);
  return { data, size, spacing, affine: [...affine, 0, 0, 0, 1] };
}

const R = [1, 0, 0], A = [0, 1, 0], S = [0, 0, 1], L = [-1, 0, 0];

/** Position in space of a voxel. */
function place({ affine }: Volume, [x, y, z]: Triple): number[] {
  return [0, 1, 2].map((r) => affine[4 * r] * x + affine[4 * r + 1] * y + affine[4 * r + 2] * z + affine[4 * r + 3]);
}

Deno.test("sliceAxis() takes the thick axis, else the one nearest head–foot", () => {
  assert.equal(sliceAxis(volume([2, 2, 2], [1, 4, 1], [R, A, S])), 1);
  assert.equal(sliceAxis(volume([2, 2, 2], [1, 1, 1.2], [S, R, A])), 0);
});

Deno.test("orient() brings a turned case to the first one's axes, every voxel staying where it is", () => {
  const first = volume([3, 4, 2], [1, 1, 3], [R, A, S]);
  const turned = volume([4, 2, 3], [1, 3, 1], [A, S, L]);
  const axis = sliceAxis(turned);
  assert.equal(axis, 1);
  const orientation = orientationLike(turned, axis, { volume: first, axis: 2 });
  assert.deepEqual(orientation, { axes: [2, 0, 1], flips: [true, false, false] });
  const result = orient(turned, orientation);
  assert.deepEqual(result.size, [3, 4, 2]);
  for (const [x, y, z] of [[0, 0, 0], [2, 1, 1], [1, 3, 0]] as Triple[]) {
    const source: Triple = [y, z, 2 - x];
    assert.equal(result.data[x + 3 * (y + 4 * z)], turned.data[source[0] + 4 * (source[1] + 2 * source[2])]);
    assert.deepEqual(place(result, [x, y, z]), place(turned, source));
  }
});

Deno.test("fitSquare() centres a scan in a square, padded with its minimum, and keeps its slices", () => {
  const scan = volume([6, 4, 2], [1, 1, 3], [R, A, S]);
  const inPlane = commonSpacing([scan], 6);
  assert.equal(inPlane, 1);
  const fitted = fitSquare(scan, { inPlane, side: 6, labels: false });
  assert.deepEqual(fitted.size, [6, 6, 2]);
  assert.equal(fitted.data[0], 1); // the minimum, in the padding above
  assert.equal(fitted.data[6], scan.data[0]);
  assert.equal(fitted.data[6 + 5 + 6 * (3 + 6)], scan.data[5 + 6 * (3 + 4)]);
  assert.deepEqual(place(fitted, [0, 1, 0]), place(scan, [0, 0, 0]));
});
