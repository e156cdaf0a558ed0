import assert from "node:assert/strict";
import { checkOperator } from "../../src/testing/check_operator.ts";
import { openDevice } from "../../src/gpu/mod.ts";
import { Scope, zeros } from "../../src/tensor/mod.ts";
import { add } from "../elementwise/elementwise.ts";
import { gatherRows, rowIndex } from "./gather_rows.ts";

for (const [rows, columns, index] of [[1, 1, [0]], [5, 3, [4, 0, 0, 2, 4, 4, 1]], [3, 7, [2, 1, 0]]] as const) {
  Deno.test(`gatherRows() agrees with the plain loop, ${rows} × ${columns} by [${index}]`, () =>
    checkOperator({
      operator: ({ x }) => gatherRows(x, rowIndex(Int32Array.from(index), rows)),
      reference: ({ x }) => index.flatMap((row) => [...x.subarray(row * columns, (row + 1) * columns)]),
      shapes: { x: [rows, columns] },
    }));
}

Deno.test("gatherRows() adds its gradients up where a table is used twice", () =>
  checkOperator({
    operator: ({ x }) => {
      const rows = (index: number[]) => gatherRows(x, rowIndex(Int32Array.from(index), 3));
      return add(rows([2, 0, 2]), rows([1, 2, 0]));
    },
    reference: ({ x }) =>
      [2, 0, 2].flatMap((row, m) => [0, 1, 2, 3].map((c) => x[4 * row + c] + x[4 * [1, 2, 0][m] + c])),
    shapes: { x: [3, 4] },
  }));

Deno.test("rowIndex() rejects a row that is not there, gatherRows() another number of rows", async () => {
  await openDevice();
  using _scope = new Scope();
  assert.throws(() => rowIndex(Int32Array.of(0, 3), 3), { message: "Cannot index rows: expected 0..2, found 3" });
  assert.throws(() => gatherRows(zeros([2, 2]), rowIndex(Int32Array.of(0), 3)), {
    message: "Cannot gather rows: expected x [3, C], found [2, 2]",
  });
});
