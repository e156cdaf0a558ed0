import assert from "node:assert/strict";
import { checkOperator } from "../../src/testing/check_operator.ts";
import { openDevice } from "../../src/gpu/mod.ts";
import { Scope, zeros } from "../../src/tensor/mod.ts";
import { linear } from "./linear.ts";

for (const [rows, input, out] of [[1, 1, 1], [7, 10, 5], [70, 17, 17], [9, 12, 20], [5, 8, 1], [66, 1, 4]]) {
  Deno.test(`linear() agrees with the plain loop, ${rows} rows, ${input} to ${out}`, () =>
    checkOperator({
      operator: ({ x, weight, bias }) => linear(x, weight, bias),
      reference: ({ x, weight, bias }) => {
        const y = new Float64Array(rows * out);
        for (let i = 0; i < y.length; i++) {
          const row = Math.floor(i / out), o = i % out;
          y[i] = bias[o];
          for (let j = 0; j < input; j++) y[i] += x[row * input + j] * weight[o * input + j];
        }
        return y;
      },
      shapes: { x: [rows, input], weight: [out, input], bias: [out] },
    }));
}

// A few rows are one product, many are added up from chunks of them; either way the second use adds to the first.
for (const rows of [5, 300]) {
  Deno.test(`linear() adds its gradients up where weight and bias are used twice, ${rows} rows`, () =>
    checkOperator({
      operator: ({ x, weight, bias }) => linear(linear(x, weight, bias), weight, bias),
      reference: ({ x, weight, bias }) => {
        const layer = (input: Float64Array) =>
          input.map((_, i) => {
            const o = i % 8, row = input.subarray(i - o, i - o + 8);
            return row.reduce((total, value, j) => total + value * weight[o * 8 + j], bias[o]);
          });
        return layer(layer(x));
      },
      shapes: { x: [rows, 8], weight: [8, 8], bias: [8] },
    }));
}

Deno.test("linear() rejects a weight of another width", async () => {
  await openDevice();
  using _scope = new Scope();
  assert.throws(() => linear(zeros([2, 3]), zeros([4, 2])), {
    message: "Cannot apply a linear layer: expected x [rows, in] and weight [out, in], found [2, 3] and [4, 2]",
  });
});

Deno.test("linear() rejects a bias of another width, for the convolution and for the product", async () => {
  await openDevice();
  using _scope = new Scope();
  for (const [input, out] of [[4, 8], [3, 5]]) {
    assert.throws(() => linear(zeros([2, input]), zeros([out, input]), zeros([4])), {
      name: "ShapeError",
      message: `Cannot apply a linear layer: expected bias [${out}], found [4]`,
    });
  }
});
