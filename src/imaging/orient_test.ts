import assert from "node:assert/strict";
import { placeOf } from "./geometry.ts";
import { fitSquare, orient } from "./orient.ts";
import type { Triple, Volume } from "./volume.ts";

function volume(size: Triple, spacing: Triple, columns: number[][]): Volume {
  const affine = [0, 1, 2].flatMap((row) => [...columns.map((column, k) => column[row] * spacing[k]), 10 * row]);
  const data = Float32Array.from({ length: size[0] * size[1] * size[2] }, (_, i) => i + 1);
  return { data, size, spacing, affine: [...affine, 0, 0, 0, 1] };
}

const R = [1, 0, 0], A = [0, 1, 0], S = [0, 0, 1], L = [-1, 0, 0];

const place = ({ affine }: Volume, voxel: Triple) => placeOf(affine, voxel);

Deno.test("orient() moves voxels to another order, every one staying where it is in space", () => {
  const turned = volume([4, 2, 3], [1, 3, 1], [A, S, L]);
  const result = orient(turned, { axes: [2, 0, 1], flips: [true, false, false] });
  assert.deepEqual(result.size, [3, 4, 2]);
  assert.deepEqual(result.spacing, [1, 1, 3]);
  for (const [x, y, z] of [[0, 0, 0], [2, 1, 1], [1, 3, 0]] as Triple[]) {
    const source: Triple = [y, z, 2 - x];
    assert.equal(result.data[x + 3 * (y + 4 * z)], turned.data[source[0] + 4 * (source[1] + 2 * source[2])]);
    assert.deepEqual(place(result, [x, y, z]), place(turned, source));
  }
});

Deno.test("fitSquare() centres a scan in a square, padded with its minimum, and keeps its slices", () => {
  const scan = volume([6, 4, 2], [1, 1, 3], [R, A, S]);
  const fitted = fitSquare(scan, { inPlane: 1, side: 6, labels: false });
  assert.deepEqual(fitted.size, [6, 6, 2]);
  assert.equal(fitted.data[0], 1); // the minimum, in the padding above
  assert.equal(fitted.data[6], scan.data[0]);
  assert.equal(fitted.data[6 + 5 + 6 * (3 + 6)], scan.data[5 + 6 * (3 + 4)]);
  assert.deepEqual(place(fitted, [0, 1, 0]), place(scan, [0, 0, 0]));
});

Deno.test("fitSquare() puts the odd voxel of a padding behind the scan, in both directions", () => {
  const scan = volume([5, 3, 1], [1, 1, 3], [R, A, S]);
  const { data, size, affine } = fitSquare(scan, { inPlane: 1, side: 8, labels: true });
  assert.deepEqual(size, [8, 8, 1]);
  const filled = (along: (i: number) => number) => [...new Set([...data.keys()].filter((i) => data[i] > 0).map(along))];
  assert.deepEqual(filled((i) => i % 8).sort(), [1, 2, 3, 4, 5]); // 1 before, 2 behind
  assert.deepEqual(filled((i) => Math.floor(i / 8)).sort(), [2, 3, 4]); // 2 before, 3 behind
  assert.deepEqual(place({ data, size, affine, spacing: [1, 1, 3] }, [1, 2, 0]), place(scan, [0, 0, 0]));
});
