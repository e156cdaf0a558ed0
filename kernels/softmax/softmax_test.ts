import assert from "node:assert/strict";
import { checkOperator } from "../../src/testing/check_operator.ts";
import { openDevice } from "../../src/gpu/mod.ts";
import { Scope, zeros } from "../../src/tensor/mod.ts";
import { softmax } from "./softmax.ts";

for (const [rows, columns] of [[1, 1], [3, 7], [67, 20]]) {
  Deno.test(`softmax() agrees with the plain loop, [${rows}, ${columns}], also far from zero`, () =>
    checkOperator({
      operator: ({ x }) => softmax(x),
      reference: ({ x }) =>
        x.map((value, i) => {
          const row = x.subarray(i - i % columns, i - i % columns + columns);
          return 1 / row.reduce((total, other) => total + Math.exp(other - value), 0);
        }),
      shapes: { x: [rows, columns] },
      values: { x: (random, i) => 5 * random.normal() + (Math.floor(i / columns) === 0 ? 200 : 0) },
      tolerance: 2e-5,
      gradientTolerance: 5e-4,
    }));
}

Deno.test("softmax() rejects a vector", async () => {
  await openDevice();
  using _scope = new Scope();
  assert.throws(() => softmax(zeros([4])), { message: "Cannot take a softmax: expected x [rows, C], found [4]" });
});
