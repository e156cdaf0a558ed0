import assert from "node:assert/strict";
import { openDevice } from "../../src/gpu/mod.ts";
import { Scope, zeros } from "../../src/tensor/mod.ts";
import { checkOperator } from "../../src/testing/check_operator.ts";
import { boundaryScore } from "./boundary.ts";

const HEIGHT = 7, WIDTH = 6;
const shapes = { y: [1, HEIGHT, WIDTH, 1], label: [1, HEIGHT, WIDTH, 1] };
const values = {
  y: (random: { uniform(a: number, b: number): number }) => random.uniform(0.02, 0.98),
  // A block with a hole, so that there are edges inside and at the border.
  label: (_random: unknown, i: number) => {
    const row = Math.floor(i / WIDTH), column = i % WIDTH;
    return Number(row >= 2 && column <= 3 && !(row === 4 && column === 2));
  },
};
const total = (x: Float64Array) => x.reduce((a, b) => a + b, 0);

/** Largest value within a square of side `2 · padding + 1`, nothing outside of the map. */
function plainMaxPool(x: Float64Array, padding: number): Float64Array {
  return x.map((_, i) => {
    const row = Math.floor(i / WIDTH), column = i % WIDTH;
    let largest = -Infinity;
    for (let r = Math.max(0, row - padding); r <= Math.min(HEIGHT - 1, row + padding); r++) {
      for (let c = Math.max(0, column - padding); c <= Math.min(WIDTH - 1, column + padding); c++) {
        largest = Math.max(largest, x[r * WIDTH + c]);
      }
    }
    return largest;
  });
}

for (const softmax of [true, false]) {
  Deno.test(`boundaryScore() agrees with the plain loop, softmax of probabilities: ${softmax}`, () =>
    checkOperator({
      operator: ({ y, label }) => boundaryScore(y, label, { softmax }),
      reference: ({ y, label }) => {
        const edge = (map: Float64Array) => {
          const complement = map.map((value) => 1 - value);
          return plainMaxPool(complement, 1).map((value, i) => value - complement[i]);
        };
        const product = (a: Float64Array, b: Float64Array) => total(a.map((value, i) => value * b[i]));
        let loss = 0;
        for (const channel of [0, 1]) {
          const soft = y.map((value) => {
            const [background, foreground] = [1 - value, value];
            const [a, b] = [Math.exp(background), Math.exp(foreground)];
            const both = softmax ? [a / (a + b), b / (a + b)] : [background, foreground];
            return both[channel];
          });
          const softEdge = edge(soft), hardEdge = edge(label.map((value) => channel === 1 ? value : 1 - value));
          const precision = product(softEdge, plainMaxPool(hardEdge, 2)) / (total(softEdge) + 1e-7);
          const recall = product(plainMaxPool(softEdge, 2), hardEdge) / (total(hardEdge) + 1e-7);
          loss += (1 - 2 * precision * recall / (precision + recall + 1e-7)) / 2;
        }
        return [loss];
      },
      shapes,
      values,
      constants: ["label"],
      step: 1e-7,
    }));
}

Deno.test("boundaryScore() rejects two images, and a label of another size", async () => {
  await openDevice();
  using _scope = new Scope();
  assert.throws(() => boundaryScore(zeros([2, 4, 4, 1]), zeros([2, 4, 4, 1]), { softmax: true }), {
    message: "Cannot compare edges: expected prediction [1, H, W, 1], found [2, 4, 4, 1]",
  });
  assert.throws(() => boundaryScore(zeros([1, 4, 4, 1]), zeros([1, 4, 5, 1]), { softmax: true }), {
    message: "Cannot compare edges: expected label [1, 4, 4, 1], found [1, 4, 5, 1]",
  });
});
