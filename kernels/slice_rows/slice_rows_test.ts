import assert from "node:assert/strict";
import { checkOperator } from "../../src/testing/check_operator.ts";
import { openDevice } from "../../src/gpu/mod.ts";
import { Scope, zeros } from "../../src/tensor/mod.ts";
import { add, multiply } from "../elementwise/elementwise.ts";
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

for (const columns of [5, 64]) { // a copy, and a view
  Deno.test(`sliceRows() adds its gradients up, also of parts that overlap, ${columns} columns`, () =>
    checkOperator({
      operator: ({ x }) => {
        const whole = add(x, x), part = (begin: number) => sliceRows(whole, begin, begin + 2);
        return add(add(multiply(part(0), part(1)), part(2)), part(1));
      },
      reference: ({ x }) => {
        const part = (begin: number) => x.slice(begin * columns, (begin + 2) * columns).map((value) => 2 * value);
        const [a, b, c] = [part(0), part(1), part(2)];
        return a.map((value, i) => value * b[i] + c[i] + b[i]);
      },
      shapes: { x: [4, columns] },
    }));
}

Deno.test("sliceRows() rejects a range beyond the last row", async () => {
  await openDevice();
  using _scope = new Scope();
  assert.throws(() => sliceRows(zeros([4, 2]), 3, 5), {
    message: "Cannot slice [4, 2]: expected a range of rows in 0..4, found 3..5",
  });
});
