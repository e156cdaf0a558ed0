import assert from "node:assert/strict";
import { checkOperator } from "../../src/testing/check_operator.ts";
import { openDevice } from "../../src/gpu/mod.ts";
import { Scope, zeros } from "../../src/tensor/mod.ts";
import { resize, resizeTransposed } from "./resize.ts";

/** Weight of source i in result d. */
function weight(d: number, i: number, n: number, out: number, alignCorners: boolean): number {
  const source = alignCorners ? (out === 1 ? 0 : d * (n - 1) / (out - 1)) : Math.max((d + 0.5) * n / out - 0.5, 0);
  const low = Math.floor(source + 1e-12), high = Math.min(low + 1, n - 1), share = source - low;
  return (low === i ? 1 - share : 0) + (high === i ? share : 0);
}

type Shape4 = [number, number, number, number];

function loop(
  x: Float64Array,
  [images, height, width, channels]: Shape4,
  out: [number, number],
  alignCorners: boolean,
) {
  const y = new Float64Array(images * out[0] * out[1] * channels);
  for (let t = 0; t < y.length; t++) {
    const c = t % channels, k = Math.floor(t / channels) % out[1], r = Math.floor(t / channels / out[1]) % out[0];
    const image = Math.floor(t / channels / out[1] / out[0]);
    for (let i = 0; i < height; i++) {
      for (let j = 0; j < width; j++) {
        const share = weight(r, i, height, out[0], alignCorners) * weight(k, j, width, out[1], alignCorners);
        y[t] += share * x[((image * height + i) * width + j) * channels + c];
      }
    }
  }
  return y;
}

const CASES: [Shape4, [number, number]][] = [
  [[1, 1, 1, 1], [3, 2]],
  [[1, 5, 4, 3], [9, 11]],
  [[2, 9, 7, 2], [4, 3]],
  [[1, 5, 5, 1], [17, 17]],
  [[1, 17, 17, 1], [5, 5]],
];

for (const [shape, out] of CASES) {
  for (const alignCorners of [false, true]) {
    Deno.test(`resize() agrees with the plain loop, [${shape}] to [${out}], corners ${alignCorners}`, () =>
      checkOperator({
        operator: ({ x }) => resize(x, out, { alignCorners }),
        reference: ({ x }) => loop(x, shape, out, alignCorners),
        shapes: { x: shape },
      }));
  }
  Deno.test(`resizeTransposed() is the transpose of resize(), [${out}] back to [${shape}]`, () =>
    checkOperator({
      operator: ({ m }) => resizeTransposed(m, [shape[1], shape[2]]),
      reference: ({ m }) => {
        const size = shape.reduce((a, b) => a * b, 1);
        return Array.from({ length: size }, (_, i) => {
          const unit = new Float64Array(size);
          unit[i] = 1;
          return loop(unit, shape, out, false).reduce((total, value, d) => total + value * m[d], 0);
        });
      },
      shapes: { m: [shape[0], out[0], out[1], shape[3]] },
    }));
}

Deno.test("resize() leaves exact zeros where a source position is a whole number", async () => {
  const { fromArray, toArray } = await import("../../src/tensor/mod.ts");
  await openDevice();
  using _scope = new Scope();
  // 257 → 65: the middle row reads source 128 alone, so a mask that begins at 129 must not show up in it.
  const mask = new Float32Array(257 * 257);
  mask.fill(1, 129 * 257);
  const y = await toArray(resize(fromArray(mask, [1, 257, 257, 1]), [65, 65], { alignCorners: false }));
  assert.equal(y[32 * 65], 0);
  assert.ok(y[33 * 65] > 0);
});

Deno.test("resize() rejects a matrix", async () => {
  await openDevice();
  using _scope = new Scope();
  assert.throws(
    () => resize(zeros([4, 2]), [2, 2], { alignCorners: true }),
    /Cannot resize: expected x \[N, H, W, C\]/,
  );
});
