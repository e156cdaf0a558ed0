import assert from "node:assert/strict";
import { classNumbers } from "./label_values.ts";
import type { Volume } from "./volume.ts";

const stored = (...values: number[]): Volume => ({
  data: Float64Array.from(values),
  size: [values.length, 1, 1],
  spacing: [1, 1, 1],
  affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
});

Deno.test("classNumbers() maps the stored values of CMR to 1, 2, 3 and refuses others", () => {
  assert.deepEqual([...classNumbers(stored(0, 600, 200, 500), [0, 200, 500, 600]).data], [0, 3, 1, 2]);
  assert.throws(
    () => classNumbers(stored(0, 1), [0, 200, 500, 600]),
    /Expected stored labels 0, 200, 500, 600, found 1/,
  );
});

Deno.test("classNumbers() leaves labels alone that are class numbers already", () => {
  const labels = stored(0, 3, 1);
  assert.equal(classNumbers(labels, undefined), labels);
});
