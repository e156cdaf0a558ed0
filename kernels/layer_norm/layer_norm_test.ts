import assert from "node:assert/strict";
import { checkOperator } from "../../src/testing/check_operator.ts";
import { openDevice } from "../../src/gpu/mod.ts";
import { Scope, zeros } from "../../src/tensor/mod.ts";
import { add } from "../elementwise/elementwise.ts";
import { layerNorm } from "./layer_norm.ts";

function loop(x: Float64Array, weight: Float64Array, bias: Float64Array): Float64Array {
  const columns = weight.length;
  return x.map((value, i) => {
    const row = x.subarray(i - i % columns, i - i % columns + columns);
    const mean = row.reduce((a, b) => a + b) / columns;
    const variance = row.reduce((a, b) => a + (b - mean) ** 2, 0) / columns;
    return (value - mean) / Math.sqrt(variance + 1e-5) * weight[i % columns] + bias[i % columns];
  });
}

for (const [rows, columns] of [[1, 5], [7, 24], [70, 33]]) {
  Deno.test(`layerNorm() agrees with the plain loop, [${rows}, ${columns}]`, () =>
    checkOperator({
      operator: ({ x, weight, bias }) => layerNorm(x, weight, bias),
      reference: ({ x, weight, bias }) => loop(x, weight, bias),
      shapes: { x: [rows, columns], weight: [columns], bias: [columns] },
    }));
}

Deno.test("layerNorm() adds its gradients up where weight, bias or both are used twice", async () => {
  const shapes = { x: [35, 12], weight: [12], bias: [12], other: [12] };
  await checkOperator({
    operator: ({ x, weight, bias, other }) => add(layerNorm(layerNorm(x, weight, bias), weight, bias), other),
    reference: ({ x, weight, bias, other }) =>
      loop(loop(x, weight, bias), weight, bias).map((value, i) => value + other[i % 12]),
    shapes,
  });
  await checkOperator({
    operator: ({ x, weight, bias, other }) => layerNorm(layerNorm(x, weight, other), weight, bias),
    reference: ({ x, weight, bias, other }) => loop(loop(x, weight, other), weight, bias),
    shapes,
  });
});

Deno.test("layerNorm() rejects a weight or a bias of another width", async () => {
  await openDevice();
  using _scope = new Scope();
  assert.throws(() => layerNorm(zeros([2, 3]), zeros([4]), zeros([4])), {
    message: "Cannot normalize rows: expected weight [3], found [4]",
  });
  assert.throws(() => layerNorm(zeros([2, 3]), zeros([3]), zeros([1])), {
    message: "Cannot normalize rows: expected bias [3], found [1]",
  });
});
