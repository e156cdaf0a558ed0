import assert from "node:assert/strict";
import { openDevice } from "../../src/gpu/mod.ts";
import { Scope, zeros } from "../../src/tensor/mod.ts";
import { checkOperator } from "../../src/testing/check_operator.ts";
import { attentionWeights } from "./attention_weights.ts";

for (const [images, windows, heads, queries, keys] of [[1, 1, 1, 1, 3], [2, 3, 2, 5, 7], [1, 4, 3, 9, 8]]) {
  for (const masked of [false, true]) {
    Deno.test(`attentionWeights() agrees with the plain loop, [${images}·${windows}·${heads}, ${queries}, ${keys}], mask ${masked}`, () =>
      checkOperator({
        operator: ({ x, bias, mask }) => attentionWeights(x, { bias, mask: masked ? mask : undefined, scale: 0.3 }),
        reference: ({ x, bias, mask }) => {
          const area = queries * keys;
          const logits = x.map((value, i) => {
            const product = Math.floor(i / area),
              head = product % heads,
              window = Math.floor(product / heads) % windows;
            return 0.3 * value + bias[head * area + i % area] + (masked ? mask[window * area + i % area] : 0);
          });
          return logits.map((logit, i) => {
            const row = logits.subarray(i - i % keys, i - i % keys + keys);
            return 1 / row.reduce((total, other) => total + Math.exp(other - logit), 0);
          });
        },
        shapes: {
          x: [images * windows * heads, queries, keys],
          bias: [heads, queries, keys],
          mask: [windows, queries, keys],
        },
        values: { mask: (random) => random.chance(0.3) ? -100 : 0 },
        constants: ["mask"],
        gradientTolerance: 5e-4,
      }));
  }
}

Deno.test("attentionWeights() rejects products of other heads and windows", async () => {
  await openDevice();
  using _scope = new Scope();
  assert.throws(
    () => attentionWeights(zeros([5, 2, 2]), { bias: zeros([3, 2, 2]), mask: zeros([2, 2, 2]), scale: 1 }),
    {
      message: "Cannot weigh attention: expected a multiple of 3 heads and 2 windows, found [5, 2, 2]",
    },
  );
});
