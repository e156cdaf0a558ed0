import assert from "node:assert/strict";
import { checkOperator } from "../../src/testing/check_operator.ts";
import { openDevice } from "../../src/gpu/mod.ts";
import { Scope, zeros } from "../../src/tensor/mod.ts";
import { normalizeRows } from "./normalize_rows.ts";

for (const [rows, columns, epsilon] of [[1, 1, 1e-8], [3, 7, 1e-8], [67, 32, 1e-12], [4, 6, 2.5]]) {
  Deno.test(`normalizeRows() agrees with the plain loop, [${rows}, ${columns}], smallest divisor ${epsilon}`, () =>
    checkOperator({
      operator: ({ x }) => normalizeRows(x, epsilon),
      reference: ({ x }) =>
        x.map((value, i) => {
          const row = x.subarray(i - i % columns, i - i % columns + columns);
          return value / Math.max(Math.sqrt(row.reduce((total, other) => total + other * other, 0)), epsilon);
        }),
      shapes: { x: [rows, columns] },
    }));
}

Deno.test("normalizeRows() rejects a vector", async () => {
  await openDevice();
  using _scope = new Scope();
  assert.throws(() => normalizeRows(zeros([4]), 1e-8), /Cannot bring rows to unit length: expected x \[rows, C\]/);
});
