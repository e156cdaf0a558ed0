import assert from "node:assert/strict";
import { checkOperator } from "../../src/testing/check_operator.ts";
import { openDevice } from "../../src/gpu/mod.ts";
import { Scope, zeros } from "../../src/tensor/mod.ts";
import { concatenateColumns } from "./concatenate_columns.ts";

for (const [rows, widthA, widthB] of [[1, 1, 1], [3, 5, 2], [70, 3, 4]]) {
  Deno.test(`concatenateColumns() agrees with the plain loop, ${rows} rows of ${widthA} and ${widthB}`, () =>
    checkOperator({
      operator: ({ a, b }) => concatenateColumns(a, b),
      reference: ({ a, b }) =>
        Array.from({ length: rows }, (_, r) => [
          ...a.subarray(r * widthA, (r + 1) * widthA),
          ...b.subarray(r * widthB, (r + 1) * widthB),
        ]).flat(),
      shapes: { a: [rows, widthA], b: [rows, widthB] },
    }));
}

Deno.test("concatenateColumns() rejects matrices of different heights", async () => {
  await openDevice();
  using _scope = new Scope();
  assert.throws(() => concatenateColumns(zeros([4, 2]), zeros([3, 2])), {
    message: "Cannot concatenate columns: expected b [4, B], found [3, 2]",
  });
});
