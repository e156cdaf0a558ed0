import assert from "node:assert/strict";
import { checkOperator } from "../../src/testing/check_operator.ts";
import { openDevice } from "../../src/gpu/mod.ts";
import { Scope, zeros } from "../../src/tensor/mod.ts";
import { convolution } from "./convolution.ts";

interface Case {
  name: string;
  x: [number, number, number, number];
  weight: [number, number, number, number];
  stride?: number;
  padding?: number;
  dilation?: number;
}

const CASES: Case[] = [
  { name: "1×1", x: [2, 5, 3, 8], weight: [12, 8, 1, 1] },
  { name: "one pixel", x: [1, 1, 1, 4], weight: [4, 4, 1, 1] },
  { name: "one pixel under a padded 3×3", x: [1, 1, 1, 4], weight: [4, 4, 3, 3], padding: 1 },
  { name: "3×3", x: [1, 6, 7, 4], weight: [8, 4, 3, 3], padding: 1 },
  { name: "dilated 3×3", x: [2, 7, 5, 4], weight: [4, 4, 3, 3], padding: 2, dilation: 2 },
  { name: "strided 3×3", x: [1, 8, 7, 8], weight: [4, 8, 3, 3], padding: 1, stride: 2 },
  { name: "strided and dilated 3×3", x: [1, 9, 7, 4], weight: [4, 4, 3, 3], padding: 4, dilation: 4, stride: 2 },
  { name: "strided 1×1", x: [2, 5, 5, 4], weight: [8, 4, 1, 1], stride: 2 },
  { name: "7×7 on a grey image", x: [2, 9, 11, 4], weight: [8, 3, 7, 7], padding: 3, stride: 2 },
  { name: "4×4 patches, last column left over", x: [1, 9, 9, 4], weight: [12, 3, 4, 4], stride: 4 },
  { name: "more than one tile of both", x: [1, 9, 10, 72], weight: [68, 72, 1, 1] },
  { name: "strided, more than one tile of both", x: [2, 9, 8, 40], weight: [44, 40, 2, 2], stride: 2, padding: 1 },
];

/** The plain seven-fold loop. */
function loop(x: Float64Array, w: Float64Array, { x: xs, weight: ws, stride = 1, padding = 0, dilation = 1 }: Case) {
  const [images, height, width, channels] = xs;
  const [out, input, kh, kw] = ws;
  const extent = (size: number, taps: number) =>
    Math.floor((size + 2 * padding - dilation * (taps - 1) - 1) / stride) + 1;
  const outHeight = extent(height, kh), outWidth = extent(width, kw);
  const y = new Float64Array(images * outHeight * outWidth * out);
  let i = 0;
  for (let n = 0; n < images; n++) {
    for (let oy = 0; oy < outHeight; oy++) {
      for (let ox = 0; ox < outWidth; ox++) {
        for (let o = 0; o < out; o++, i++) {
          for (let ky = 0; ky < kh; ky++) {
            for (let kx = 0; kx < kw; kx++) {
              const sy = oy * stride - padding + ky * dilation, sx = ox * stride - padding + kx * dilation;
              if (sy < 0 || sx < 0 || sy >= height || sx >= width) continue;
              for (let c = 0; c < input; c++) {
                y[i] += x[((n * height + sy) * width + sx) * channels + c] * w[((o * input + c) * kh + ky) * kw + kx];
              }
            }
          }
        }
      }
    }
  }
  return y;
}

for (const test of CASES) {
  Deno.test(`convolution() agrees with the plain loop, ${test.name}`, () =>
    checkOperator({
      operator: ({ x, weight }) => convolution(x, weight, test),
      reference: ({ x, weight }) => loop(x, weight, test),
      shapes: { x: test.x, weight: test.weight },
      withoutSubgroups: true,
      // Channels that only fill up a vec4 are zero, and their gradient is nobody's.
      values: test.weight[1] < test.x[3] ? { x: (random, i) => i % 4 === 3 ? 0 : random.normal() } : {},
      constants: test.weight[1] < test.x[3] ? ["x"] : [],
    }));
}

Deno.test("convolution() adds a bias to every output channel", () => {
  const test: Case = { name: "", x: [2, 3, 3, 4], weight: [8, 4, 1, 1] };
  return checkOperator({
    operator: ({ x, weight, bias }) => convolution(x, weight, { bias }),
    reference: ({ x, weight, bias }) => loop(x, weight, test).map((value, i) => value + bias[i % 8]),
    shapes: { x: test.x, weight: test.weight, bias: [8] },
  });
});

Deno.test("convolution() rejects channels that do not fit", async () => {
  await openDevice();
  using _scope = new Scope();
  assert.throws(() => convolution(zeros([1, 3, 3, 8]), zeros([4, 4, 1, 1])), /Cannot convolve: expected x \[N, H, W/);
});

Deno.test("convolution() rejects a bias of another width", async () => {
  await openDevice();
  using _scope = new Scope();
  assert.throws(() => convolution(zeros([1, 3, 3, 4]), zeros([8, 4, 1, 1]), { bias: zeros([4]) }), {
    name: "ShapeError",
    message: "Cannot convolve: expected bias [8], found [4]",
  });
});
