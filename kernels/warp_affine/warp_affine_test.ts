import assert from "node:assert/strict";
import { checkOperator } from "../../src/testing/check_operator.ts";
import { openDevice } from "../../src/gpu/mod.ts";
import { Scope, zeros } from "../../src/tensor/mod.ts";
import { warpAffine } from "./warp_affine.ts";

Deno.test("warpAffine() moves by whole and half pixels, 0 outside", () =>
  checkOperator({
    operator: ({ x }) => warpAffine(x, [1, 0, 0.5, 0, 1, -1]),
    reference: ({ x }) => {
      const at = (r: number, c: number) => r >= 0 && r < 5 && c >= 0 && c < 7 ? x[7 * r + c] : 0;
      return x.map((_, i) => {
        const r = Math.floor(i / 7), c = i % 7;
        return 0.5 * at(r - 1, c) + 0.5 * at(r - 1, c + 1);
      });
    },
    shapes: { x: [5, 7] },
    constants: ["x"],
  }));

Deno.test("warpAffine() rejects a vector", async () => {
  await openDevice();
  using _scope = new Scope();
  assert.throws(() => warpAffine(zeros([4]), [1, 0, 0, 0, 1, 0]), {
    message: "Cannot warp: expected x [H, W], found [4]",
  });
});
