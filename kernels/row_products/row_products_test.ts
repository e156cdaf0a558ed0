import assert from "node:assert/strict";
import { openDevice } from "../../src/gpu/mod.ts";
import { Scope, zeros } from "../../src/tensor/mod.ts";
import { checkOperator } from "../../src/testing/check_operator.ts";
import { add } from "../elementwise/elementwise.ts";
import { rowProducts } from "./row_products.ts";

function plainProducts(x: Float64Array, v: Float64Array): number[] {
  return Array.from({ length: x.length / v.length }, (_, r) => {
    return v.reduce((total, factor, c) => total + factor * x[r * v.length + c], 0);
  });
}

for (const [rows, columns] of [[1, 4], [49, 8], [333, 36]]) {
  Deno.test(`rowProducts() agrees with the plain loop, [${rows}, ${columns}]`, () =>
    checkOperator({
      operator: ({ x, v }) => rowProducts(x, v),
      reference: ({ x, v }) => plainProducts(x, v),
      shapes: { x: [rows, columns], v: [1, columns] },
    }));

  Deno.test(`rowProducts() adds its gradient to what has come to x before, [${rows}, ${columns}]`, () =>
    checkOperator({
      operator: ({ x, v, w }) => {
        const scaled = add(x, x);
        return add(rowProducts(scaled, v), rowProducts(scaled, w));
      },
      reference: ({ x, v, w }) => {
        const twice = x.map((value) => 2 * value), ofW = plainProducts(twice, w);
        return plainProducts(twice, v).map((value, r) => value + ofW[r]);
      },
      shapes: { x: [rows, columns], v: [1, columns], w: [1, columns] },
    }));
}

Deno.test("rowProducts() rejects another length, and columns that are no whole vec4s", async () => {
  await openDevice();
  using _scope = new Scope();
  assert.throws(() => rowProducts(zeros([3, 8]), zeros([1, 4])), {
    message: "Cannot multiply rows: expected v [1, 8], found [1, 4]",
  });
  assert.throws(() => rowProducts(zeros([3, 5]), zeros([1, 5])), {
    message: "Cannot multiply rows: expected x [R, 4·n], found [3, 5]",
  });
});
