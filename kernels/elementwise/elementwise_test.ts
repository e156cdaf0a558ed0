import assert from "node:assert/strict";
import { checkOperator } from "../../src/testing/check_operator.ts";
import { openDevice } from "../../src/gpu/mod.ts";
import { Scope, type Tensor, zeros } from "../../src/tensor/mod.ts";
import { add, affine, divide, gelu, multiply, relu, sigmoid, square, subtract } from "./elementwise.ts";

/** Φ(x) by numerical integration of the density (Simpson). */
function normalShare(x: number): number {
  const steps = 2000, h = x / steps;
  const density = (t: number) => Math.exp(-t * t / 2) / Math.sqrt(2 * Math.PI);
  let total = density(0) + density(x);
  for (let i = 1; i < steps; i++) total += (i % 2 === 1 ? 4 : 2) * density(i * h);
  return 0.5 + total * h / 3;
}

const UNARY: [string, (x: Tensor) => Tensor, (x: number) => number][] = [
  ["sigmoid", sigmoid, (x) => 1 / (1 + Math.exp(-x))],
  ["relu", relu, (x) => Math.max(x, 0)],
  ["gelu", gelu, (x) => x * normalShare(x)],
  ["square", square, (x) => x * x],
  ["affine", (x) => affine(x, -1.5, 0.25), (x) => -1.5 * x + 0.25],
];

for (const [name, operator, reference] of UNARY) {
  for (const shape of [[3, 7], [1], [5, 13, 2]]) {
    Deno.test(`${name}() agrees with the plain formula, [${shape}]`, () =>
      checkOperator({
        operator: ({ x }) => operator(x),
        reference: ({ x }) => x.map(reference),
        shapes: { x: shape },
        values: { x: (random) => 3 * random.normal() },
        step: 1e-4,
      }));
  }
}

const BINARY: [string, (a: Tensor, b: Tensor) => Tensor, (a: number, b: number) => number][] = [
  ["add", add, (a, b) => a + b],
  ["subtract", subtract, (a, b) => a - b],
  ["multiply", multiply, (a, b) => a * b],
  ["divide", divide, (a, b) => a / b],
];

/** Shapes of a and b, and the index into b of element i of a. */
const BROADCASTS: [a: number[], b: number[], index: (i: number) => number][] = [
  [[3, 7], [3, 7], (i) => i],
  [[3, 7], [1], () => 0],
  [[1], [1], () => 0],
  [[5, 6], [6], (i) => i % 6],
  [[5, 8], [8], (i) => i % 8],
  [[5, 3], [5, 1], (i) => Math.floor(i / 3)],
  [[2, 3, 5, 7], [2, 1, 1, 7], (i) => Math.floor(i / 105) * 7 + i % 7],
  [[2, 5, 7], [2, 1, 1], (i) => Math.floor(i / 35)],
  [[2, 5, 3], [1, 5, 1], (i) => Math.floor(i / 3) % 5],
];

for (const [name, operator, reference] of BINARY) {
  for (const [a, b, index] of BROADCASTS) {
    Deno.test(`${name}() agrees with the plain formula, [${a}] and [${b}]`, () =>
      checkOperator({
        operator: (inputs) => operator(inputs.a, inputs.b),
        reference: (inputs) => inputs.a.map((value, i) => reference(value, inputs.b[index(i)])),
        shapes: { a, b },
        values: { b: (random) => random.uniform(0.5, 2) },
      }));
  }
}

Deno.test("add() rejects a shape that cannot be broadcast", async () => {
  await openDevice();
  using _scope = new Scope();
  assert.throws(() => add(zeros([4, 3]), zeros([4])), /Cannot add: expected b \[4,3\]/);
});
