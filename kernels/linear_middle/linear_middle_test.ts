import assert from "node:assert/strict";
import { openDevice } from "../../src/gpu/mod.ts";
import { Scope, zeros } from "../../src/tensor/mod.ts";
import { checkOperator } from "../../src/testing/check_operator.ts";
import { linearOverMiddle } from "./linear_middle.ts";

for (const [batch, middle, columns, out] of [[1, 1, 1, 1], [3, 5, 4, 7], [50, 9, 12, 9], [2, 33, 10, 4]]) {
  Deno.test(`linearOverMiddle() agrees with the plain loop, [${batch}, ${middle}, ${columns}] to ${out}`, () =>
    checkOperator({
      operator: ({ x, weight }) => linearOverMiddle(x, weight),
      reference: ({ x, weight }) =>
        Float64Array.from({ length: batch * out * columns }, (_, i) => {
          const c = i % columns, o = Math.floor(i / columns) % out, b = Math.floor(i / (columns * out));
          let total = 0;
          for (let m = 0; m < middle; m++) total += weight[o * middle + m] * x[(b * middle + m) * columns + c];
          return total;
        }),
      shapes: { x: [batch, middle, columns], weight: [out, middle] },
      withoutSubgroups: true,
    }));
}

Deno.test("linearOverMiddle() rejects a weight of another width", async () => {
  await openDevice();
  using _scope = new Scope();
  assert.throws(() => linearOverMiddle(zeros([2, 3, 4]), zeros([5, 4])), {
    message: "Cannot apply a linear layer over the middle: expected weight [O, 3], found [5, 4]",
  });
});
