import assert from "node:assert/strict";
import { openDevice } from "../../src/gpu/mod.ts";
import { differentiable, fromArray, Scope, type Shape, type Tensor, toArray, zeros } from "../../src/tensor/mod.ts";
import { Random } from "../../src/random.ts";
import { checkOperator } from "../../src/testing/check_operator.ts";
import { convolution } from "./convolution.ts";
import { type Geometry, geometryOf } from "./geometry.ts";
import { isForWinograd, tilingOf, winogradDataGradient, winogradForward, winogradWeightGradient } from "./winograd.ts";

interface Case {
  x: [number, number, number, number];
  out: number;
  dilation: number;
}

/** Whole tiles and cut ones; phases with as many tiles as the others and with fewer, or none. */
const CASES: Case[] = [
  { x: [1, 4, 8, 4], out: 4, dilation: 1 },
  { x: [2, 7, 5, 8], out: 4, dilation: 1 },
  { x: [1, 9, 18, 4], out: 12, dilation: 2 },
  { x: [1, 17, 3, 4], out: 4, dilation: 4 },
];

function loop(x: Float64Array, w: Float64Array, { x: [images, height, width, channels], out, dilation }: Case) {
  const y = new Float64Array(images * height * width * out);
  for (let i = 0, at = 0; i < images; i++) {
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        for (let o = 0; o < out; o++, at++) {
          for (let tap = 0; tap < 9; tap++) {
            const sy = row + (Math.floor(tap / 3) - 1) * dilation, sx = column + (tap % 3 - 1) * dilation;
            if (sy < 0 || sx < 0 || sy >= height || sx >= width) continue;
            for (let c = 0; c < channels; c++) {
              y[at] += x[((i * height + sy) * width + sx) * channels + c] * w[(o * channels + c) * 9 + tap];
            }
          }
        }
      }
    }
  }
  return y;
}

for (const test of CASES) {
  const { x: shape, out, dilation } = test;
  Deno.test(`winogradForward() and its gradients agree with the plain loop, [${shape}] to ${out}, dilation ${dilation}`, () =>
    checkOperator({
      operator({ x, weight }): Tensor {
        const g = geometryOf(x, weight, { padding: dilation, dilation });
        return differentiable(winogradForward(x, weight, g), [x, weight], (gradY) => [
          winogradDataGradient(gradY, weight, g),
          winogradWeightGradient(x, gradY, weight, g),
        ]);
      },
      reference: ({ x, weight }) => loop(x, weight, test),
      shapes: { x: shape, weight: [out, shape[3], 3, 3] },
      withoutSubgroups: true,
    }));
}

/** Every result of an axis, as often as a tile computes it. */
function covered(g: Geometry): number[] {
  const { x: { long, most, least, count } } = tilingOf(g);
  const seen = new Array<number>(g.width).fill(0);
  for (let i = 0; i < count; i++) {
    const [phase, tile] = i < long * most
      ? [Math.floor(i / most), i % most]
      : [long + Math.floor((i - long * most) / least), (i - long * most) % least];
    for (let k = 0; k < 4; k++) {
      const at = phase + (4 * tile + k) * g.dilation;
      if (at < g.width) seen[at]++;
    }
  }
  return seen;
}

Deno.test("tilingOf() computes every result once, whatever length and dilation", () => {
  for (let width = 1; width <= 70; width++) {
    for (const dilation of [1, 2, 3, 4, 7]) {
      const g = { images: 1, width, height: width, dilation } as Geometry;
      assert.deepEqual(covered(g), new Array(width).fill(1), `${width}, dilation ${dilation}`);
    }
  }
});

Deno.test("isForWinograd() says so by the shape: 3×3 of stride 1, from 128 channels, where tiles fit", async () => {
  await openDevice();
  using _scope = new Scope();
  const fits = (side: number, channels: number, dilation: number, { out = channels, stride = 1, images = 2 } = {}) => {
    const x = zeros([1, 1, 1, channels]), weight = zeros([out, channels, 3, 3]);
    const g = geometryOf(x, weight, { stride, dilation, padding: dilation });
    const extent = Math.ceil(side / stride);
    return isForWinograd({ ...g, images, width: side, height: side, outWidth: extent, outHeight: extent });
  };
  assert.deepEqual([1, 2, 4].map((dilation) => fits(65, 256, dilation)), [true, true, true]);
  assert.ok(fits(33, 512, 4), "the published network's last stage");
  assert.ok(!fits(65, 64, 1), "few channels");
  assert.ok(!fits(65, 256, 1, { out: 64 }), "few output channels");
  assert.ok(!fits(65, 256, 2, { stride: 2 }), "a stride");
  assert.ok(!fits(13, 128, 4), "most of the tiles stand over the edge");
  assert.ok(!fits(65, 512, 1, { images: 20 }), "a transformed image beyond what every adapter binds");
});

Deno.test("convolution() takes Winograd's algorithm where it is asked to and has no bias, within 3e-5 of the largest result", async () => {
  await openDevice();
  using _scope = new Scope();
  const random = new Random("winograd");
  const noise = (shape: Shape) => {
    return fromArray(Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal()), shape);
  };
  const x = noise([1, 16, 16, 128]), weight = noise([128, 128, 3, 3]), bias = zeros([128]);
  const options = { padding: 2, dilation: 2 };
  const direct = await toArray(convolution(x, weight, options));
  assert.deepEqual(await toArray(convolution(x, weight, { ...options, winograd: true, bias })), direct);
  const found = await toArray(convolution(x, weight, { ...options, winograd: true }));
  const largest = Math.max(...direct.map(Math.abs));
  const difference = Math.max(...direct.map((value, i) => Math.abs(value - found[i])));
  assert.ok(difference > 0 && difference < 3e-5 * largest, `${difference} of ${largest}`);
});
