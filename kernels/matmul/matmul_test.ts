import assert from "node:assert/strict";
import { checkOperator } from "../../src/testing/check_operator.ts";
import { openDevice } from "../../src/gpu/mod.ts";
import { Scope, zeros } from "../../src/tensor/mod.ts";
import { matmul } from "./matmul.ts";

// The last three have more tiles than one in every dimension, and an inner sum in several parts.
for (
  const [batch, m, k, n] of [[1, 1, 1, 1], [3, 5, 7, 6], [1, 1, 33, 2], [2, 19, 5, 10], [2, 9, 150, 3], [2, 12, 40, 44]]
) {
  for (const transposeA of [false, true]) {
    for (const transposeB of [false, true]) {
      Deno.test(`matmul() agrees with the plain loop, ${[batch, m, k, n]}, transposed ${transposeA} ${transposeB}`, () =>
        checkOperator({
          operator: ({ a, b }) => matmul(a, b, { transposeA, transposeB }),
          reference: ({ a, b }) => {
            const y = new Float64Array(batch * m * n);
            for (let i = 0; i < y.length; i++) {
              const column = i % n, row = Math.floor(i / n) % m, matrix = Math.floor(i / (m * n));
              for (let j = 0; j < k; j++) {
                const left = a[matrix * m * k + (transposeA ? j * m + row : row * k + j)];
                y[i] += left * b[matrix * k * n + (transposeB ? column * k + j : j * n + column)];
              }
            }
            return y;
          },
          withoutSubgroups: true,
          shapes: { a: transposeA ? [batch, k, m] : [batch, m, k], b: transposeB ? [batch, n, k] : [batch, k, n] },
        }));
    }
  }
}

Deno.test("matmul() rejects inner dimensions that differ", async () => {
  await openDevice();
  using _scope = new Scope();
  assert.throws(() => matmul(zeros([1, 2, 3]), zeros([1, 4, 2])), {
    message: "Cannot multiply: expected a [B, M, K] and b [B, K, N], found [1, 2, 3] and [1, 4, 2]",
  });
});
