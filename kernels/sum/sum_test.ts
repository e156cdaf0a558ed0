import assert from "node:assert/strict";
import { checkOperator } from "../../src/testing/check_operator.ts";
import { openDevice } from "../../src/gpu/mod.ts";
import { Scope, zeros } from "../../src/tensor/mod.ts";
import { mean, sum, type SumAxis } from "./sum.ts";

/** The plain loop over x = [outer, middle, inner]. */
function loop(x: Float64Array, [outer, middle, inner]: number[]): Float64Array {
  const y = new Float64Array(outer * inner);
  for (let i = 0; i < x.length; i++) y[Math.floor(i / (middle * inner)) * inner + i % inner] += x[i];
  return y;
}

const CASES: [axis: SumAxis, shape: number[], split: number[]][] = [
  ["all", [3, 5, 7], [1, 105, 1]],
  ["all", [1], [1, 1, 1]],
  ["all", [1003], [1, 1003, 1]],
  ["all", [40, 100], [1, 4000, 1]],
  ["rows", [301, 7], [1, 301, 7]],
  ["rows", [530, 8], [1, 530, 8]],
  ["columns", [5, 9], [5, 9, 1]],
  ["columns", [3, 1204], [3, 1204, 1]],
  ["middle", [2, 11, 3], [2, 11, 3]],
  ["middle", [2, 333, 12], [2, 333, 12]],
  ["middle", [3, 200, 9], [3, 200, 9]],
  ["middle", [2, 2100, 40], [2, 2100, 40]],
  ["all", [20, 1000], [1, 20000, 1]],
];

for (const [axis, shape, split] of CASES) {
  Deno.test(`sum() over ${axis} of [${shape}] agrees with the plain loop`, () =>
    checkOperator({ operator: ({ x }) => sum(x, axis), reference: ({ x }) => loop(x, split), shapes: { x: shape } }));
}

Deno.test("mean() is the sum over the count", () =>
  checkOperator({
    operator: ({ x }) => mean(x, "middle"),
    reference: ({ x }) => loop(x, [2, 333, 12]).map((total) => total / 333),
    shapes: { x: [2, 333, 12] },
  }));

Deno.test("sum() rejects a vector where it needs rows and columns", async () => {
  await openDevice();
  using _scope = new Scope();
  assert.throws(() => sum(zeros([4]), "rows"), { message: "Cannot sum: expected x [rows, columns], found [4]" });
});
