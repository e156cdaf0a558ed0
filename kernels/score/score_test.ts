import assert from "node:assert/strict";
import { openDevice } from "../../src/gpu/mod.ts";
import { Scope, type Tensor, toArray, zeros } from "../../src/tensor/mod.ts";
import { checkOperator } from "../../src/testing/check_operator.ts";
import { diceOverlap, likelihoodLoss, meanSquaredDifference, softDiceLoss } from "./score.ts";

const total = (x: Iterable<number>) => [...x].reduce((a, b) => a + b, 0);
const logistic = (x: number) => 1 / (1 + Math.exp(-x));
const clamp = (x: number) => Math.min(Math.max(x, 2 ** -23), 1 - 2 ** -23);
const maps = {
  a: (random: { uniform(a: number, b: number): number }) => random.uniform(0.02, 0.98),
  b: (_random: unknown, i: number) => Number(i % 3 === 0),
};

for (const size of [1, 255, 256, 1000]) {
  const shapes = { a: [1, size, 1, 1], b: [1, size, 1, 1] };
  for (const background of [1, 0.1]) {
    Deno.test(`likelihoodLoss() agrees with the plain loop, [${size}], background ${background}`, () =>
      checkOperator({
        operator: ({ a, b }) => likelihoodLoss(a, b, { background }),
        reference: ({ a, b }) => {
          const weights = b.map((y) => y > 0.5 ? 1 : background);
          return [
            total(a.map((p, i) => -Math.log(clamp(b[i] > 0.5 ? p : 1 - p)) * weights[i])) / total(weights),
          ];
        },
        shapes,
        values: maps,
        constants: ["b"],
      }));
  }
  for (const isLogistic of [false, true]) {
    Deno.test(`softDiceLoss() agrees with the plain loop, [${size}], logistic: ${isLogistic}`, () =>
      checkOperator({
        operator: ({ a, b }) => softDiceLoss(a, b, { logistic: isLogistic }),
        reference: ({ a, b }) => {
          const soft = isLogistic ? a.map(logistic) : a;
          return [1 - (2 * total(soft.map((x, i) => x * b[i])) + 1) / (total(soft) + total(b) + 1)];
        },
        shapes,
        values: maps,
        constants: ["b"],
      }));
  }
  Deno.test(`meanSquaredDifference() agrees with the plain loop, [${size}]`, () =>
    checkOperator({
      operator: ({ a, b }) => meanSquaredDifference(a, b),
      reference: ({ a, b }) => [total(a.map((x, i) => (x - b[i]) ** 2)) / size],
      shapes,
    }));
}

Deno.test("likelihoodLoss() lets nothing through outside of its clamp", () =>
  checkOperator({
    operator: ({ a, b }) => likelihoodLoss(a, b),
    reference: ({ a, b }) => [total(a.map((p, i) => -Math.log(clamp(b[i] > 0.5 ? p : 1 - p)))) / a.length],
    shapes: { a: [12], b: [12] },
    values: { a: (_random, i) => [-0.5, 0.3, 1.5][i % 3], b: (_random, i) => Number(i % 2) },
    constants: ["b"],
  }));

for (const filled of [0, 1]) {
  const gate = { gate: (_random: unknown, i: number) => Number(i === 299 && filled === 1) };
  Deno.test(`a score is its value or 0 by whether its mask has a pixel: ${filled}`, async () => {
    const check = (
      operator: (inputs: { a: Tensor; b: Tensor; gate: Tensor }) => Tensor,
      value: (a: number, b: number) => number,
    ) =>
      checkOperator({
        operator,
        reference: ({ a, b }) => [filled * total(a.map((x, i) => value(x, b[i]))) / a.length],
        shapes: { a: [7], b: [7], gate: [300] },
        values: { ...maps, ...gate },
        constants: ["b", "gate"],
      });
    await check(
      ({ a, b, gate }) => likelihoodLoss(a, b, { unlessEmpty: gate }),
      (p, y) => -Math.log(y > 0.5 ? p : 1 - p),
    );
    await check(({ a, b, gate }) => meanSquaredDifference(a, b, { unlessEmpty: gate }), (a, b) => (a - b) ** 2);
  });
}

Deno.test("diceOverlap() is twice what both masks share over what they have, 0 where both are empty", () =>
  checkOperator({
    operator: ({ a, b }) => diceOverlap(a, b),
    reference: ({ a, b }) => [2 * total(a.map((x, i) => x * b[i])) / (total(a) + total(b) + 1e-7)],
    shapes: { a: [90], b: [90] },
    values: { a: (_random, i) => Number(i % 2 === 0), b: maps.b },
    constants: ["a", "b"],
  }));

Deno.test("diceOverlap() of two empty masks is 0, and maps of two shapes are refused", async () => {
  await openDevice();
  using _scope = new Scope();
  assert.deepEqual([...await toArray(diceOverlap(zeros([9]), zeros([9])))], [0]);
  assert.throws(() => diceOverlap(zeros([4]), zeros([5])), {
    message: "Cannot take the score overlap: expected b [4], found [5]",
  });
});
