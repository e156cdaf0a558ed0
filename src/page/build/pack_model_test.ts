import assert from "node:assert/strict";
import { joinPlanes } from "../app/pieces.ts";
import { splitPlanes } from "./pack_model.ts";

Deno.test("splitPlanes() sorts the bytes of numbers, and joinPlanes() undoes it, whatever is left over", () => {
  assert.deepEqual([...splitPlanes(Uint8Array.of(9, 1, 2, 3, 4, 5, 6, 7, 8, 10), 1)], [9, 1, 5, 2, 6, 3, 7, 4, 8, 10]);
  for (const [length, start] of [[0, 0], [40, 8], [43, 8], [5, 5], [11, 3]]) {
    const bytes = Uint8Array.from({ length }, (_, i) => i * 37);
    assert.deepEqual(joinPlanes(splitPlanes(bytes, start), start), bytes);
  }
});
