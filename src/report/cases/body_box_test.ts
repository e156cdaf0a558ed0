import assert from "node:assert/strict";
import { bodyBox, cropped } from "./body_box.ts";

/** A picture of air with a bright block. */
function picture(width: number, height: number, block: { x: number; y: number; w: number; h: number }) {
  const data = new Uint8Array(width * height);
  for (let y = block.y; y < block.y + block.h; y++) data.fill(200, y * width + block.x, y * width + block.x + block.w);
  return { width, height, data };
}

Deno.test("bodyBox() holds the body and what is marked outside of it, with a margin within the slice", () => {
  const grey = picture(100, 80, { x: 20, y: 10, w: 40, h: 50 });
  assert.deepEqual(bodyBox(grey, [], 1), { left: 18, top: 8, width: 44, height: 54 });
  const mask = new Uint8Array(8000);
  mask[79 * 100 + 99] = 1;
  assert.deepEqual(bodyBox(grey, [mask], 1), { left: 17, top: 7, width: 83, height: 73 });
  assert.deepEqual(bodyBox(picture(9, 7, { x: 0, y: 0, w: 0, h: 0 }), [], 1), { left: 0, top: 0, width: 9, height: 7 });
});

Deno.test("bodyBox() of half a brain, or of a thin slab, stays a tile; one near the edge grows to the other side", () => {
  const narrow = bodyBox(picture(100, 100, { x: 0, y: 10, w: 20, h: 80 }), [], 1);
  assert.deepEqual([narrow.left, narrow.height], [0, 86]);
  assert.ok(Math.abs(narrow.width / narrow.height - 0.75) < 0.03, `${narrow.width}`);
  const flat = bodyBox(picture(100, 100, { x: 10, y: 80, w: 60, h: 10 }), [], 2);
  assert.ok(Math.abs(2 * flat.width / flat.height - 1.5) < 0.05, `${flat.width} ${flat.height}`);
  assert.ok(flat.top + flat.height <= 100 && flat.top <= 78);
});

Deno.test("cropped() is the part of a picture, row by row", () => {
  const data = Uint8Array.from([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  assert.deepEqual([...cropped(data, 4, { left: 1, top: 1, width: 2, height: 2 })], [5, 6, 9, 10]);
});
