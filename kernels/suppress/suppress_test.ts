import assert from "node:assert/strict";
import { checkOperator } from "../../src/testing/check_operator.ts";
import { openDevice } from "../../src/gpu/mod.ts";
import { fromArray, Scope, toArray, zeros } from "../../src/tensor/mod.ts";
import { suppress } from "./suppress.ts";

for (const count of [1, 7, 100]) {
  Deno.test(`suppress() agrees with the plain loop, ${count} parts`, () =>
    checkOperator({
      operator: ({ a }) => suppress(a).suppressed,
      reference: ({ a }) => {
        const limit = Math.floor((Math.min(...a) + a.reduce((x, y) => x + y) / count) / 2);
        return a.map((value) => value < limit ? value - 10000 : value);
      },
      shapes: { a: [count] },
      values: { a: (random) => 40 * random.normal() },
      tolerance: 1e-6,
    }));
}

Deno.test("suppress() rounds its limit down, and rejects a matrix", async () => {
  await openDevice();
  using _scope = new Scope();
  const { threshold, suppressed } = suppress(fromArray(Float32Array.of(-3, -1, 0.5, -2.25), [4]));
  assert.deepEqual([...await toArray(threshold)], [-3]); // (−3 − 1.4375)/2 = −2.22
  assert.deepEqual([...await toArray(suppressed)], [-3, -1, 0.5, -2.25]);
  assert.throws(() => suppress(zeros([2, 2])), { message: "Cannot suppress affinities: expected a [K], found [2, 2]" });
});
