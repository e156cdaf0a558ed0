import assert from "node:assert/strict";
import { openDevice } from "../../src/gpu/mod.ts";
import { fromArray, Scope, toArray, zeros } from "../../src/tensor/mod.ts";
import { checkOperator } from "../../src/testing/check_operator.ts";
import { rowOfNumbers, sumOfNumbers } from "./numbers.ts";

Deno.test("rowOfNumbers() puts numbers of any rank in a row, and refuses two in one tensor", async () => {
  await openDevice();
  using _scope = new Scope();
  const number = (value: number, rank: number) => fromArray(Float32Array.of(value), Array(rank).fill(1));
  const row = rowOfNumbers([number(1.5, 1), number(-2, 2), number(3, 4)]);
  assert.deepEqual([row.shape, ...await toArray(row)], [[3], 1.5, -2, 3]);
  assert.throws(() => rowOfNumbers([zeros([2])]), { message: "Cannot put numbers in a row: expected one, found [2]" });
});

Deno.test("sumOfNumbers() agrees with the plain loop, also where a number counts twice", () =>
  checkOperator({
    operator: ({ a, b, c }) => sumOfNumbers([a, b, c, b]),
    reference: ({ a, b, c }) => [a[0] + 2 * b[0] + c[0]],
    shapes: { a: [1], b: [1], c: [1] },
  }));
