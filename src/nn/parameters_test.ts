import assert from "node:assert/strict";
import { add, multiply, sum } from "../../kernels/mod.ts";
import { openDevice } from "../gpu/mod.ts";
import { differentiate, fromArray, Scope, toArray } from "../tensor/mod.ts";
import { PARAMETER_BLOCK, Parameters } from "./parameters.ts";

Deno.test("Parameters.gradients stays 0 behind a parameter of any length, however often the parameter is used", async () => {
  await openDevice();
  const sizes = [1, 3, 10, 63];
  const entries = sizes.map((size) => ({
    name: `w${size}`,
    shape: [size],
    kind: "parameter" as const,
    gradient: true,
  }));
  const parameters = new Parameters(entries);
  using _scope = new Scope();
  // What an earlier step leaves in the pool's buffers.
  const old = Array.from({ length: 60 }, () => fromArray(new Float32Array(PARAMETER_BLOCK).fill(7), [PARAMETER_BLOCK]));
  for (const tensor of old) tensor.release();
  differentiate(() => {
    const products = sizes.flatMap((size) => {
      const w = parameters.get(`w${size}`);
      return [2, 3, 4].map((factor) => sum(multiply(w, fromArray(new Float32Array(size).fill(factor), [size])), "all"));
    });
    return products.reduce((total, product) => add(total, product));
  });
  const gradients = await toArray(parameters.gradients);
  const expected = sizes.flatMap((size) => Array.from({ length: PARAMETER_BLOCK }, (_, i) => i < size ? 9 : 0));
  assert.deepEqual([...gradients], expected);
  parameters[Symbol.dispose]();
});
