import assert from "node:assert/strict";
import { checkOperator } from "../../src/testing/check_operator.ts";
import { openDevice } from "../../src/gpu/mod.ts";
import { Scope, zeros } from "../../src/tensor/mod.ts";
import { permute } from "./permute.ts";

for (
  const [shape, order] of [[[1], [0]], [[3, 5], [1, 0]], [[2, 3, 4, 5], [0, 1, 3, 2]], [[2, 3, 4, 2, 3], [
    2,
    0,
    3,
    1,
    4,
  ]]]
) {
  Deno.test(`permute() agrees with the plain loop, [${shape}] in order [${order}]`, () =>
    checkOperator({
      operator: ({ x }) => permute(x, order),
      reference: ({ x }) => {
        const strides = shape.map((_, k) => shape.slice(k + 1).reduce((a, b) => a * b, 1));
        const visit = (k: number, at: number): number[] =>
          k === order.length
            ? [x[at]]
            : Array.from({ length: shape[order[k]] }, (_, i) => visit(k + 1, at + i * strides[order[k]])).flat();
        return visit(0, 0);
      },
      shapes: { x: shape },
    }));
}

Deno.test("permute() rejects an order that repeats a dimension", async () => {
  await openDevice();
  using _scope = new Scope();
  assert.throws(() => permute(zeros([4, 2]), [0, 0]), {
    message: "Cannot permute: expected an order of [4, 2], found [0, 0]",
  });
});
