import assert from "node:assert/strict";
import { checkOperator } from "../../src/testing/check_operator.ts";
import { openDevice } from "../../src/gpu/mod.ts";
import { Scope, zeros } from "../../src/tensor/mod.ts";
import { maximumOverMiddle } from "./maximum.ts";

for (const [outer, middle, inner] of [[1, 1, 1], [2, 11, 3], [1, 70, 5]]) {
  Deno.test(`maximumOverMiddle() agrees with the plain loop, ${[outer, middle, inner]}`, () =>
    checkOperator({
      operator: ({ x }) => maximumOverMiddle(x),
      reference: ({ x }) =>
        Array.from({ length: outer * inner }, (_, t) => {
          let largest = -Infinity;
          for (let m = 0; m < middle; m++) {
            largest = Math.max(largest, x[(Math.floor(t / inner) * middle + m) * inner + t % inner]);
          }
          return largest;
        }),
      shapes: { x: [outer, middle, inner] },
      step: 1e-7,
    }));
}

Deno.test("maximumOverMiddle() rejects a matrix", async () => {
  await openDevice();
  using _scope = new Scope();
  assert.throws(() => maximumOverMiddle(zeros([4, 2])), /Cannot take a maximum: expected x \[outer, middle, inner\]/);
});
