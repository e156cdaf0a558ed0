import assert from "node:assert/strict";
import { checkOperator } from "../../src/testing/check_operator.ts";
import { openDevice } from "../../src/gpu/mod.ts";
import { Scope, zeros } from "../../src/tensor/mod.ts";
import { sliceRows } from "./slice_rows.ts";

for (const [shape, begin, end] of [[[1, 1], 0, 1], [[5, 3], 1, 4], [[2, 3, 7], 1, 2]] as [number[], number, number][]) {
  const inner = shape.slice(1).reduce((a, b) => a * b, 1);
  Deno.test(`sliceRows() agrees with the plain slice, [${shape}], ${begin}..${end}`, () =>
    checkOperator({
      operator: ({ x }) => sliceRows(x, begin, end),
      reference: ({ x }) => x.slice(begin * inner, end * inner),
      shapes: { x: shape },
    }));
}

Deno.test("sliceRows() rejects a range beyond the last row", async () => {
  await openDevice();
  using _scope = new Scope();
  assert.throws(() => sliceRows(zeros([4, 2]), 3, 5), {
    message: "Cannot slice [4, 2]: expected a range of rows in 0..4, found 3..5",
  });
});
