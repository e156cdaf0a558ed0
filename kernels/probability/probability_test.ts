import assert from "node:assert/strict";
import { openDevice } from "../../src/gpu/mod.ts";
import { Scope, zeros } from "../../src/tensor/mod.ts";
import { checkOperator } from "../../src/testing/check_operator.ts";
import { probability } from "./probability.ts";

for (const size of [1, 37, 700]) {
  Deno.test(`probability() agrees with the plain loop, [${size}]`, () =>
    checkOperator({
      operator: ({ x, threshold }) => probability(x, threshold, 2),
      reference: ({ x, threshold }) => x.map((value) => 1 / (1 + Math.exp(-2 * value - threshold[0] / 2))),
      shapes: { x: [size, 1], threshold: [1, 1] },
      values: { x: (random) => random.uniform(-1, 1) },
    }));
}

Deno.test("probability() rejects several thresholds", async () => {
  await openDevice();
  using _scope = new Scope();
  assert.throws(() => probability(zeros([3]), zeros([2]), 1), {
    message: "Cannot compare with a threshold: expected one number, found [2]",
  });
});
