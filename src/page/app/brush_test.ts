import assert from "node:assert/strict";
import { paintLine, putSliceLabels, sliceLabels } from "./brush.ts";
import { layoutOf, planeAcross } from "./planes.ts";

const LAYOUT = { columns: 9, rows: 7, first: 0, step: 1, rowStep: 9 };

/** A picture of labels, a row a line. */
function picture(labels: Uint8Array): string[] {
  return Array.from({ length: 7 }, (_, row) => [...labels.subarray(row * 9, row * 9 + 9)].join(""));
}

Deno.test("paintLine() paints a disc in mm, a line of them, and at least the voxel under a small brush", () => {
  const labels = new Uint8Array(63);
  const at = (column: number, row: number) => ({ column, row });
  assert.ok(paintLine(labels, LAYOUT, [at(4.5, 3.5), at(4.5, 3.5)], { radiusMm: 2, pixelMm: [1, 2], value: 1 }));
  assert.deepEqual(picture(labels).slice(1, 6), ["000000000", "000010000", "001111100", "000010000", "000000000"]);
  assert.ok(paintLine(labels, LAYOUT, [at(1.5, 5.5), at(7.5, 5.5)], { radiusMm: 0.4, pixelMm: [1, 1], value: 2 }));
  assert.equal(picture(labels)[5], "022222220");
  assert.ok(paintLine(labels, LAYOUT, [at(0.1, 0.1), at(0.1, 0.1)], { radiusMm: 0.01, pixelMm: [1, 1], value: 3 }));
  assert.equal(picture(labels)[0], "300000000");
  assert.ok(!paintLine(labels, LAYOUT, [at(0.1, 0.1), at(0.1, 0.1)], { radiusMm: 0.01, pixelMm: [1, 1], value: 3 }));
  // beyond the edges nothing is painted
  assert.ok(paintLine(labels, LAYOUT, [at(-3, -3), at(20, 20)], { radiusMm: 50, pixelMm: [1, 1], value: 0 }));
  assert.ok(labels.every((value) => value === 0));
});

Deno.test("sliceLabels() and putSliceLabels() take a slice out and put it back, and touch no other", () => {
  const affine = [-1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1], size: [number, number, number] = [3, 4, 5];
  const labels = Uint8Array.from({ length: 60 }, (_, i) => i);
  for (const axis of [0, 1, 2] as const) {
    const layout = layoutOf(planeAcross({ affine }, axis), size, 2);
    const kept = labels.slice(), slice = sliceLabels(kept, layout);
    assert.equal(slice.length, 60 / size[axis]);
    putSliceLabels(kept, layout, new Uint8Array(slice.length).fill(99));
    assert.equal(kept.filter((value, i) => value !== labels[i]).length, slice.length);
    putSliceLabels(kept, layout, slice);
    assert.deepEqual(kept, labels);
  }
});
