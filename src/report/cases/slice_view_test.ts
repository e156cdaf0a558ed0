import assert from "node:assert/strict";
import type { Triple } from "../../imaging/volume.ts";
import { orient } from "../../imaging/orient.ts";
import { shownSlice, sliceView } from "./slice_view.ts";

/** A volume in which every voxel knows where it lies: 1 right, 2 left; 10 anterior, 20 posterior; 100 head, 200 foot. */
function body(): { data: Uint8Array<ArrayBuffer>; size: Triple; spacing: Triple; affine: number[] } {
  const data = new Uint8Array(8);
  for (let i = 0; i < 8; i++) data[i] = (i & 1 ? 1 : 2) + (i & 2 ? 10 : 20) + (i & 4 ? 100 : 200);
  return { data, size: [2, 2, 2], spacing: [1, 2, 3], affine: [1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 3, 0, 0, 0, 0, 1] };
}

const letterOf = (value: number, digits: "LR" | "AP" | "SI") =>
  digits === "LR"
    ? (value % 10 === 1 ? "R" : "L")
    : digits === "AP"
    ? (Math.floor(value / 10) % 10 === 1 ? "A" : "P")
    : (value >= 200 ? "I" : "S");

Deno.test("sliceView() and shownSlice() show every order of voxels with right on the left, front or head on top", () => {
  const AXES: Triple[] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
  for (const axes of AXES) {
    for (let turned = 0; turned < 8; turned++) {
      const flips = [0, 1, 2].map((axis) => (turned >> axis & 1) === 1) as [boolean, boolean, boolean];
      const volume = orient(body(), { axes, flips });
      const view = sliceView(volume);
      const shown = shownSlice(volume.data as Uint8Array<ArrayBuffer>, volume, 0, view);
      const normal = axes[2]; // the anatomical axis that slices lie along
      const [across, down] = normal === 2
        ? ["LR", "AP"] as const
        : normal === 1
        ? ["LR", "SI"] as const
        : ["AP", "SI"] as const;
      assert.deepEqual(view.edges, {
        left: across === "LR" ? "R" : "A",
        right: across === "LR" ? "L" : "P",
        top: down === "SI" ? "S" : "A",
        bottom: down === "SI" ? "I" : "P",
      });
      const [topLeft, topRight, bottomLeft] = shown;
      assert.deepEqual([letterOf(topLeft, across), letterOf(topRight, across)], [view.edges.left, view.edges.right]);
      assert.deepEqual([letterOf(topLeft, down), letterOf(bottomLeft, down)], [view.edges.top, view.edges.bottom]);
      const mm = { LR: 1, AP: 2, SI: 3 };
      assert.equal(view.pixelAspect, mm[across] / mm[down]);
    }
  }
});

Deno.test("sliceView() shows a picture as it is stored", () => {
  const affine = [1, 0, 0, 0, 0, -1, 0, 2, 0, 0, 1, 0, 0, 0, 0, 1];
  const picture = { size: [2, 3, 1] as Triple, spacing: [1, 1, 1] as Triple, affine };
  const data = Uint8Array.from([1, 2, 3, 4, 5, 6]);
  const view = sliceView(picture);
  assert.deepEqual(shownSlice(data, picture, 0, view), data);
  assert.deepEqual(view.edges, { left: "", right: "", top: "", bottom: "" });
});
