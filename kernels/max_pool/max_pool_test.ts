import assert from "node:assert/strict";
import { checkOperator } from "../../src/testing/check_operator.ts";
import { openDevice } from "../../src/gpu/mod.ts";
import { Scope, zeros } from "../../src/tensor/mod.ts";
import { maxPool } from "./max_pool.ts";

for (
  const [shape, window, stride, padding] of [
    [[1, 1, 1, 1], 3, 1, 1],
    [[2, 7, 5, 3], 3, 2, 1],
    [[1, 6, 9, 4], 5, 1, 2],
    [[1, 9, 4, 2], 3, 1, 1],
    [[1, 8, 8, 1], 2, 2, 0],
  ] as [number[], number, number, number][]
) {
  Deno.test(`maxPool() agrees with the plain loop, [${shape}], window ${window}, stride ${stride}`, () => {
    const [images, height, width, channels] = shape;
    const extent = (size: number) => Math.floor((size + 2 * padding - window) / stride) + 1;
    return checkOperator({
      operator: ({ x }) => maxPool(x, { window, stride, padding }),
      reference: ({ x }) => {
        const y: number[] = [];
        for (let n = 0; n < images; n++) {
          for (let r = 0; r < extent(height); r++) {
            for (let k = 0; k < extent(width); k++) {
              for (let c = 0; c < channels; c++) {
                let largest = -Infinity;
                for (let dr = 0; dr < window; dr++) {
                  for (let dk = 0; dk < window; dk++) {
                    const sr = r * stride - padding + dr, sk = k * stride - padding + dk;
                    if (sr < 0 || sk < 0 || sr >= height || sk >= width) continue;
                    largest = Math.max(largest, x[((n * height + sr) * width + sk) * channels + c]);
                  }
                }
                y.push(largest);
              }
            }
          }
        }
        return y;
      },
      shapes: { x: shape },
      step: 1e-7,
    });
  });
}

Deno.test("maxPool() gives the gradient of a tie to the first pixel", () =>
  checkOperator({
    operator: ({ x }) => maxPool(x, { window: 3, stride: 3, padding: 0 }),
    // a plane that equals the pooled value wherever x[0] is not below the rest
    reference: ({ x }) => [x[0]],
    shapes: { x: [1, 3, 3, 1] },
    values: { x: () => 2 },
  }));

Deno.test("maxPool() rejects a matrix", async () => {
  await openDevice();
  using _scope = new Scope();
  assert.throws(
    () => maxPool(zeros([4, 2]), { window: 3, stride: 1, padding: 1 }),
    /Cannot pool: expected x \[N, H, W, C\]/,
  );
});
