import assert from "node:assert/strict";
import { checkOperator } from "../../src/testing/check_operator.ts";
import { openDevice } from "../../src/gpu/mod.ts";
import { fromArray, Scope, toArray, zeros } from "../../src/tensor/mod.ts";
import { suppress } from "./suppress.ts";

for (const [count, floored] of [[1, true], [7, true], [100, true], [100, false]] as const) {
  Deno.test(`suppress() agrees with the plain loop, ${count} parts, limit rounded down: ${floored}`, () =>
    checkOperator({
      operator: ({ a }) => suppress(a, { floored }).suppressed,
      reference: ({ a }) => {
        const exact = (Math.min(...a) + a.reduce((x, y) => x + y) / count) / 2;
        const limit = floored ? Math.floor(exact) : exact;
        return a.map((value) => value < limit ? value - 10000 : value);
      },
      shapes: { a: [count] },
      values: { a: (random) => 40 * random.normal() },
      tolerance: 1e-6,
    }));
}

Deno.test("suppress() rounds its limit down or leaves it, and rejects a matrix", async () => {
  await openDevice();
  using _scope = new Scope();
  const a = fromArray(Float32Array.of(-3, -1, 0.5, -2.25), [4]);
  const { threshold, suppressed } = suppress(a, { floored: true });
  assert.deepEqual([...await toArray(threshold)], [-3]); // (−3 − 1.4375)/2 = −2.22
  assert.deepEqual([...await toArray(suppressed)], [-3, -1, 0.5, -2.25]);
  const exact = suppress(a, { floored: false });
  assert.deepEqual([...await toArray(exact.threshold)], [-2.21875]);
  assert.deepEqual([...await toArray(exact.suppressed)], [-10003, -1, 0.5, -10002.25]);
  assert.throws(() => suppress(zeros([2, 2]), { floored: true }), {
    message: "Cannot suppress affinities: expected a [K], found [2, 2]",
  });
});
