import assert from "node:assert/strict";
import { checkOperator } from "../../src/testing/check_operator.ts";
import { openDevice } from "../../src/gpu/mod.ts";
import { fromArray, Scope, toArray, zeros } from "../../src/tensor/mod.ts";
import { batchNorm } from "./batch_norm.ts";

/** Plain float64 batch norm of [rows, channels]. */
function loop(
  { x, weight, bias, mean, variance }: Record<"x" | "weight" | "bias" | "mean" | "variance", Float64Array>,
  training: boolean,
): Float64Array {
  const channels = weight.length, rows = x.length / channels;
  return x.map((value, i) => {
    const c = i % channels;
    let m = mean[c], v = variance[c];
    if (training) {
      m = 0;
      v = 0;
      for (let r = 0; r < rows; r++) m += x[r * channels + c] / rows;
      for (let r = 0; r < rows; r++) v += (x[r * channels + c] - m) ** 2 / rows;
    }
    return (value - m) / Math.sqrt(v + 1e-5) * weight[c] + bias[c];
  });
}

for (const training of [true, false]) {
  for (const shape of [[7, 4], [2, 5, 3, 8], [300, 12]]) {
    const channels = [shape.at(-1)!];
    const shapes = { x: shape, weight: channels, bias: channels, mean: channels, variance: channels };
    const values = { variance: (random: { uniform(a: number, b: number): number }) => random.uniform(0.5, 2) };
    Deno.test(`batchNorm() agrees with the plain loop, [${shape}], training ${training}`, () =>
      checkOperator({
        operator: ({ x, weight, bias, mean, variance }) =>
          batchNorm(x, { weight, bias, runningMean: mean, runningVariance: variance }, { training }),
        reference: (inputs) => loop(inputs, training),
        shapes,
        values,
        constants: ["mean", "variance"],
      }));
    Deno.test(`batchNorm() with ReLU agrees with the plain loop, [${shape}], training ${training}`, () =>
      checkOperator({
        operator: ({ x, weight, bias, mean, variance }) =>
          batchNorm(x, { weight, bias, runningMean: mean, runningVariance: variance }, { training, relu: true }),
        reference: (inputs) => loop(inputs, training).map((value) => Math.max(0, value)),
        shapes,
        values,
        constants: ["mean", "variance"],
        step: 1e-7,
      }));
    Deno.test(`batchNorm() with residual and ReLU agrees with the plain loop, [${shape}], training ${training}`, () =>
      checkOperator({
        operator: ({ x, weight, bias, mean, variance, residual }) =>
          batchNorm(x, { weight, bias, runningMean: mean, runningVariance: variance }, {
            training,
            residual,
            relu: true,
          }),
        reference: (inputs) => loop(inputs, training).map((value, i) => Math.max(0, value + inputs.residual[i])),
        shapes: { ...shapes, residual: shape },
        values,
        constants: ["mean", "variance"],
        step: 1e-7,
      }));
  }
}

Deno.test("batchNorm() moves the running statistics, with the unbiased variance, far from zero too", async () => {
  await openDevice();
  using _scope = new Scope();
  const values = Float32Array.from({ length: 40 }, (_, i) => 1000 + (i % 4) + Math.sin(i * 1.7));
  const runningMean = zeros([4]), runningVariance = fromArray(new Float32Array(4).fill(1), [4]);
  const ones = fromArray(new Float32Array(4).fill(1), [4]);
  batchNorm(fromArray(values, [10, 4]), { weight: ones, bias: zeros([4]), runningMean, runningVariance }, {
    training: true,
  });
  const mean = await toArray(runningMean), variance = await toArray(runningVariance);
  for (let c = 0; c < 4; c++) {
    const column = Array.from({ length: 10 }, (_, r) => values[4 * r + c]);
    const m = column.reduce((a, b) => a + b) / 10;
    const v = column.reduce((a, b) => a + (b - m) ** 2, 0) / 9;
    assert.ok(Math.abs(mean[c] - 0.1 * m) < 1e-4);
    assert.ok(Math.abs(variance[c] - (0.9 + 0.1 * v)) < 1e-5);
  }
});

Deno.test("batchNorm() rejects channels that are not whole vec4s", async () => {
  await openDevice();
  using _scope = new Scope();
  const three = zeros([3]);
  const state = { weight: three, bias: three, runningMean: three, runningVariance: three };
  assert.throws(() => batchNorm(zeros([2, 3]), state, { training: true }), /Cannot normalize a batch: expected x/);
});

Deno.test("batchNorm() rejects a state of another width and a residual of another shape", async () => {
  await openDevice();
  using _scope = new Scope();
  const [x, four] = [zeros([2, 4]), zeros([4])];
  const state = { weight: four, bias: four, runningMean: four, runningVariance: four };
  for (const name of ["bias", "runningMean", "runningVariance"]) {
    assert.throws(() => batchNorm(x, { ...state, [name]: zeros([8]) }, { training: true }), {
      name: "ShapeError",
      message: `Cannot normalize a batch: expected ${name} [4], found [8]`,
    });
  }
  assert.throws(() => batchNorm(x, state, { training: false, residual: zeros([1, 4]) }), {
    name: "ShapeError",
    message: "Cannot normalize a batch: expected residual [2, 4], found [1, 4]",
  });
});
