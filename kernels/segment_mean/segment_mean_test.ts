import assert from "node:assert/strict";
import { checkOperator } from "../../src/testing/check_operator.ts";
import { openDevice } from "../../src/gpu/mod.ts";
import { fromArray, Scope, zeros } from "../../src/tensor/mod.ts";
import { segmentMean } from "./segment_mean.ts";

for (
  const [columns, segments, assignment] of [[1, 1, [0]], [3, 3, [2, -1, 0, 0, 1, 2, -1]], [5, 4, [3, 3, 0]]] as const
) {
  Deno.test(`segmentMean() agrees with the plain loop, [${assignment}] in ${segments}`, () =>
    checkOperator({
      operator: ({ x }) => segmentMean(x, fromArray(Int32Array.from(assignment), [assignment.length]), segments),
      reference: ({ x }) =>
        Array.from({ length: segments * columns }, (_, t) => {
          const rows = assignment.flatMap((k, r) => k === Math.floor(t / columns) ? [r] : []);
          return rows.reduce((total, r) => total + x[r * columns + t % columns], 0) / Math.max(rows.length, 1);
        }),
      shapes: { x: [assignment.length, columns] },
    }));
}

Deno.test("segmentMean() rejects an assignment of another length", async () => {
  await openDevice();
  using _scope = new Scope();
  assert.throws(() => segmentMean(zeros([4, 2]), zeros([3], "i32"), 2), {
    message: "Cannot average segments: expected assignment [4], found [3]",
  });
});
