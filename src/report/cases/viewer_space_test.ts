import assert from "node:assert/strict";
import { ViewerSpace } from "./viewer_space.ts";
import type { ViewerCase } from "./viewer_volume.ts";

/** Cases that take 40 bytes at full resolution and 10 at half of it. */
function make(coarseness: 1 | 2): ViewerCase {
  const image = {
    header: "",
    voxels: "x".repeat(coarseness === 1 ? 40 : 10),
    size: [1, 1, 1] as [number, number, number],
  };
  return { image, predicted: { ...image, voxels: "" }, origin: [0, 0, 0], wide: false, coarseness };
}

function assigned(bytes: number, cases: number): number[] {
  const space = new ViewerSpace(120);
  for (let i = 0; i < cases; i++) space.offer({ make });
  return space.assign(bytes).map(({ coarseness }) => coarseness);
}

Deno.test("ViewerSpace gives all the full resolution where they fit, else the worst, else the best have no viewer", () => {
  assert.deepEqual(assigned(120, 3), [1, 1, 1]);
  assert.deepEqual(assigned(119, 3), [1, 1, 2]);
  assert.deepEqual(assigned(59, 3), [2, 2, 2]);
  assert.deepEqual(assigned(60, 3), [1, 2, 2]);
  assert.deepEqual(assigned(29, 3), [2, 2]);
  assert.deepEqual(assigned(9, 3), []);
});
