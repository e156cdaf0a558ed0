import assert from "node:assert/strict";
import { argmaxMask } from "./argmax.ts";

Deno.test("argmaxMask() takes a tie of the two channels for background, and the next larger number for foreground", () => {
  // the neighbours of one half in float32
  const below = 0.5 - 2 ** -25, above = 0.5 + 2 ** -24;
  assert.deepEqual([...argmaxMask(Float32Array.of(0, below, 0.5, above, 1))], [0, 0, 0, 1, 1]);
});
