import assert from "node:assert/strict";
import { openDevice } from "../../src/gpu/mod.ts";
import { Scope, toArray } from "../../src/tensor/mod.ts";
import { uniformNoise } from "./uniform_noise.ts";

Deno.test("uniformNoise() fills [−1, 1) evenly, without neighbouring values alike, and repeats by its keys", async () => {
  await openDevice();
  using _scope = new Scope();
  const x = await toArray(uniformNoise([101, 99], [1, 2]));
  const mean = (list: Float32Array, f: (v: number, i: number) => number) =>
    list.reduce((t, v, i) => t + f(v, i), 0) / list.length;
  assert.ok(x.every((value) => value >= -1 && value < 1));
  assert.ok(Math.abs(mean(x, (v) => v)) < 0.03);
  assert.ok(Math.abs(mean(x, (v) => v * v) - 1 / 3) < 0.02);
  assert.ok(Math.abs(mean(x, (v, i) => v * x[(i + 1) % x.length])) < 0.02);
  assert.deepEqual(await toArray(uniformNoise([101, 99], [1, 2])), x);
  const other = await toArray(uniformNoise([101, 99], [1, 3]));
  assert.ok(Math.abs(mean(x, (v, i) => v * other[i])) < 0.02);
});
