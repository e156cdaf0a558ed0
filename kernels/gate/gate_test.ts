import assert from "node:assert/strict";
import { openDevice } from "../../src/gpu/mod.ts";
import { Scope, zeros } from "../../src/tensor/mod.ts";
import { checkOperator } from "../../src/testing/check_operator.ts";
import { gatedSum } from "./gate.ts";

for (const shape of [[1], [3, 7], [2, 5, 5, 8]]) {
  Deno.test(`gatedSum() agrees with the plain loop, [${shape}]`, () =>
    checkOperator({
      operator: ({ logit, u, v }) => gatedSum(logit, u, v),
      reference: ({ logit, u, v }) =>
        logit.map((value, i) => {
          const z = 1 / (1 + Math.exp(-value));
          return z * u[i] + (1 - z) * v[i] + u[i];
        }),
      shapes: { logit: shape, u: shape, v: shape },
    }));
}

Deno.test("gatedSum() rejects maps of two shapes", async () => {
  await openDevice();
  using _scope = new Scope();
  assert.throws(() => gatedSum(zeros([4]), zeros([4]), zeros([5])), {
    message: "Cannot gate: expected v [4], found [5]",
  });
});
