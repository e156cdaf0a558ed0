import assert from "node:assert/strict";
import { openDevice } from "../../src/gpu/mod.ts";
import { Scope, zeros } from "../../src/tensor/mod.ts";
import { checkOperator } from "../../src/testing/check_operator.ts";
import { add } from "../elementwise/elementwise.ts";
import { maskedMean } from "./masked_mean.ts";

/** Large enough for a mask of one row to have a gradient that is no difference of equal numbers. */
const EPSILON = 0.1;

function plainMean(x: Float64Array, mask: Float64Array, columns: number): number[] {
  const divisor = mask.reduce((a, b) => a + b, EPSILON);
  return Array.from({ length: columns }, (_, c) => {
    return mask.reduce((total, factor, r) => total + factor * x[r * columns + c], 0) / divisor;
  });
}

for (const [rows, columns] of [[1, 4], [49, 8], [300, 12]]) {
  const values = { mask: (random: { uniform(a: number, b: number): number }) => random.uniform(0, 1) };
  Deno.test(`maskedMean() agrees with the plain loop, [${rows}, ${columns}]`, () =>
    checkOperator({
      operator: ({ x, mask }) => maskedMean(x, mask, EPSILON),
      reference: ({ x, mask }) => plainMean(x, mask, columns),
      shapes: { x: [rows, columns], mask: [1, rows, 1, 1] },
      values,
    }));

  Deno.test(`maskedMean() adds its gradient to what has come to x before, [${rows}, ${columns}]`, () =>
    checkOperator({
      operator: ({ x, one, other }) => {
        const scaled = add(x, x); // no parameter, so that a gradient of its own is made and added to
        return add(
          add(maskedMean(scaled, one, EPSILON), maskedMean(scaled, other, EPSILON)),
          maskedMean(scaled, one, EPSILON),
        );
      },
      reference: ({ x, one, other }) => {
        const twice = x.map((value) => 2 * value), ofOther = plainMean(twice, other, columns);
        return plainMean(twice, one, columns).map((value, c) => 2 * value + ofOther[c]);
      },
      shapes: { x: [rows, columns], one: [rows], other: [rows] },
      values: { one: values.mask, other: values.mask },
    }));
}

Deno.test("maskedMean() rejects a mask of another size, and columns that are no whole vec4s", async () => {
  await openDevice();
  using _scope = new Scope();
  const expected = "Cannot take a masked mean: expected x [R, 4·n] and a mask of R numbers, found";
  assert.throws(() => maskedMean(zeros([3, 4]), zeros([4]), 1), { message: `${expected} [3, 4] and [4]` });
  assert.throws(() => maskedMean(zeros([3, 5]), zeros([3]), 1), { message: `${expected} [3, 5] and [3]` });
});
