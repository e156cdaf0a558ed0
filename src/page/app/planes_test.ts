import assert from "node:assert/strict";
import type { Triple } from "../../imaging/volume.ts";
import { layoutOf, pixelOf, planeAcross, voxelAt } from "./planes.ts";

/** Grids whose voxels run in three ways, and where each shows right, anterior and head. */
const GRIDS: Record<string, number[]> = {
  RAS: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 3, 0, 0, 0, 0, 1],
  LPS: [-1, 0, 0, 0, 0, -1, 0, 0, 0, 0, 3, 0, 0, 0, 0, 1],
  "sagittal slices, PSR": [0, 0, 1, 0, -1, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 1],
};

const SIZE: Triple = [4, 5, 6];

Deno.test("planeAcross() shows every plane as radiologists look at it, whatever way the voxels run", () => {
  for (const [name, affine] of Object.entries(GRIDS)) {
    for (const axis of [0, 1, 2] as const) {
      const plane = planeAcross({ affine }, axis);
      const ends = [...plane.across.ends, ...plane.down.ends].join("");
      assert.equal(ends, { axial: "RLAP", coronal: "RLHF", sagittal: "APHF" }[plane.name], `${name} ${axis}`);
      // the place of a voxel further to the right of the screen lies further to the letter at the right
      const place = (column: number, row: number) => {
        const voxel = voxelAt(plane, SIZE, { column, row, slice: 0 });
        return [0, 1, 2].map((k) => affine.slice(4 * k, 4 * k + 3).reduce((sum, v, j) => sum + v * voxel[j], 0));
      };
      const [from, right, below] = [place(0, 0), place(1, 0), place(0, 1)];
      const way = (to: number[], letter: string) => {
        const k = "RLAPHF".indexOf(letter) >> 1, sign = "RAH".includes(letter) ? 1 : -1;
        return sign * (to[k] - from[k]);
      };
      assert.ok(way(right, plane.across.ends[1]) > 0 && way(below, plane.down.ends[1]) > 0, `${name} ${axis}`);
    }
  }
});

Deno.test("layoutOf(), voxelAt() and pixelOf() mean the same voxels", () => {
  for (const affine of Object.values(GRIDS)) {
    for (const axis of [0, 1, 2] as const) {
      const plane = planeAcross({ affine }, axis), slice = 2;
      const { columns, rows, first, step, rowStep } = layoutOf(plane, SIZE, slice);
      for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++) {
          const [x, y, z] = voxelAt(plane, SIZE, { column, row, slice });
          assert.equal(first + column * step + row * rowStep, x + SIZE[0] * (y + SIZE[1] * z));
          assert.deepEqual(pixelOf(plane, SIZE, [x, y, z]), { column, row });
        }
      }
    }
  }
});
