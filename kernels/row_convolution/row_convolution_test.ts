import assert from "node:assert/strict";
import { checkOperator } from "../../src/testing/check_operator.ts";
import { openDevice } from "../../src/gpu/mod.ts";
import { Scope, zeros } from "../../src/tensor/mod.ts";
import { rowConvolution } from "./row_convolution.ts";

for (
  const [rows, length, weightRows, taps, dilation] of [
    [1, 1, 1, 3, 1],
    [5, 10, 5, 5, 1],
    [5, 10, 5, 7, 3],
    [2, 33, 1, 3, 1],
  ]
) {
  Deno.test(`rowConvolution() agrees with the plain loop, ${[rows, length, weightRows, taps, dilation]}`, () =>
    checkOperator({
      operator: ({ x, weight, bias }) => rowConvolution(x, weight, { bias, dilation }),
      reference: ({ x, weight, bias }) =>
        x.map((_, i) => {
          const r = Math.floor(i / length), l = i % length;
          let total = bias[r];
          for (let t = 0; t < taps; t++) {
            const at = l + (t - (taps - 1) / 2) * dilation;
            if (at >= 0 && at < length) total += weight[(r % weightRows) * taps + t] * x[r * length + at];
          }
          return total;
        }),
      shapes: { x: [rows, length], weight: [weightRows, taps], bias: [rows] },
    }));
}

Deno.test("rowConvolution() rejects an even number of taps", async () => {
  await openDevice();
  using _scope = new Scope();
  assert.throws(() => rowConvolution(zeros([4, 6]), zeros([4, 2])), {
    message: "Cannot convolve rows: expected weight [4 or 1, odd taps], found [4, 2]",
  });
});
