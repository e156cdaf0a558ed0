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

/** PCG-RXS-M-XS, 32 bits, as Jarzynski and Olano print it. */
function pcg(x: number): number {
  const state = (Math.imul(x, 747796405) + 2891336453) >>> 0;
  const word = Math.imul((state >>> ((state >>> 28) + 4)) ^ state, 277803737) >>> 0;
  return ((word >>> 22) ^ word) >>> 0;
}

Deno.test("uniformNoise() agrees with the plain hash, so that a seed keeps its augmentation", async () => {
  await openDevice();
  using _scope = new Scope();
  for (const keys of [[0, 0], [0xffffffff, 3], [0x12345678, 0x9abcdef0]] as [number, number][]) {
    const found = await toArray(uniformNoise([7, 37], keys));
    const expected = Float32Array.from({ length: 7 * 37 }, (_, i) => {
      const bits = pcg((pcg((pcg(keys[0]) ^ keys[1]) >>> 0) ^ i) >>> 0);
      return (bits >>> 8) / 2 ** 23 - 1;
    });
    assert.ok(found.every((value, i) => Math.abs(value - expected[i]) < 1e-6), `keys ${keys}`); // a GPU rounds a division
  }
});
