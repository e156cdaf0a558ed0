import assert from "node:assert/strict";
import { openDevice, upload } from "../gpu/mod.ts";
import { Random } from "../random.ts";
import { fromArray, Scope, type Tensor, toArray } from "../tensor/mod.ts";
import { AdamW, Sgd } from "./optimizer.ts";

for (const clipNorm of [undefined, 3]) {
  Deno.test(`Sgd.step() agrees with the plain loop over three steps, largest norm ${clipNorm}`, async () => {
    await openDevice();
    using _scope = new Scope();
    const random = new Random("sgd");
    const draw = () => Float32Array.from({ length: 192 }, () => random.normal());
    const start = draw();
    const values = fromArray(start.slice(), [192]), active = fromArray(Uint32Array.of(1, 0, 1), [3]);
    const gradients = fromArray(new Float32Array(192), [192]);
    const sgd = new Sgd({ values, gradients, active, momentum: 0.9, weightDecay: 0.01, clipNorm });
    const expected = Float64Array.from(start), velocity = new Float64Array(192);
    for (const rate of [0.1, 0.05, 0.01]) {
      const g = draw();
      upload(gradients, new Uint8Array(g.buffer));
      sgd.step(rate);
      const isActive = (i: number) => Math.floor(i / 64) !== 1;
      const norm = Math.sqrt(g.reduce((total, value, i) => total + (isActive(i) ? value * value : 0), 0));
      const clip = clipNorm && norm > clipNorm ? clipNorm / norm : 1;
      for (let i = 0; i < 192; i++) {
        if (!isActive(i)) continue;
        velocity[i] = 0.9 * velocity[i] + clip * g[i] + 0.01 * expected[i];
        expected[i] -= rate * velocity[i];
      }
      assert.ok(Math.abs((await toArray(sgd.gradientNorm))[0] - norm) < 1e-4);
    }
    const found = await toArray(values);
    for (let i = 0; i < 192; i++) assert.ok(Math.abs(found[i] - expected[i]) < 1e-5, `parameter ${i}`);
    assert.deepEqual(found.slice(64, 128), start.slice(64, 128));
    sgd[Symbol.dispose]();
  });
}

for (const clipNorm of [undefined, 3]) {
  Deno.test(`AdamW.step() agrees with the plain loop over four steps, largest norm ${clipNorm}`, async () => {
    await openDevice();
    using _scope = new Scope();
    const random = new Random("adamw");
    const draw = () => Float32Array.from({ length: 192 }, () => random.normal());
    const start = draw();
    const values = fromArray(start.slice(), [192]), active = fromArray(Uint32Array.of(1, 0, 1), [3]);
    const gradients = fromArray(new Float32Array(192), [192]);
    const recipe = { betas: [0.8, 0.99], epsilon: 1e-3, weightDecay: 0.3, clipNorm } as const;
    const adamw = new AdamW({ values, gradients, active, ...recipe });
    const expected = Float64Array.from(start), first = new Float64Array(192), second = new Float64Array(192);
    const isActive = (i: number) => Math.floor(i / 64) !== 1;
    for (const [before, rate] of [0.1, 0.05, 0.02, 0.01].entries()) {
      const g = draw();
      upload(gradients, new Uint8Array(g.buffer));
      adamw.step(rate, before + 1);
      const norm = Math.sqrt(g.reduce((total, value, i) => total + (isActive(i) ? value * value : 0), 0));
      const clip = clipNorm ? Math.min(1, clipNorm / norm) : 1;
      for (let i = 0; i < 192; i++) {
        if (!isActive(i)) continue;
        first[i] = 0.8 * first[i] + 0.2 * clip * g[i];
        second[i] = 0.99 * second[i] + 0.01 * (clip * g[i]) ** 2;
        const corrected = [first[i] / (1 - 0.8 ** (before + 1)), second[i] / (1 - 0.99 ** (before + 1))];
        expected[i] *= 1 - rate * 0.3;
        expected[i] -= rate * corrected[0] / (Math.sqrt(corrected[1]) + 1e-3);
      }
      assert.ok(Math.abs((await toArray(adamw.gradientNorm))[0] - norm) < 1e-4);
    }
    const found = await toArray(values);
    for (let i = 0; i < 192; i++) assert.ok(Math.abs(found[i] - expected[i]) < 1e-5, `parameter ${i}`);
    assert.deepEqual(found.slice(64, 128), start.slice(64, 128));
    adamw[Symbol.dispose]();
  });
}

Deno.test("AdamW.step() decays without a gradient to move along, and its moments do not see the decay", async () => {
  await openDevice();
  using _scope = new Scope();
  const values = fromArray(new Float32Array(64).fill(2), [64]), gradients = fromArray(new Float32Array(64), [64]);
  const active = fromArray(Uint32Array.of(1), [1]);
  const adamw = new AdamW({ values, gradients, active, betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 0.5 });
  adamw.step(0.1, 1);
  adamw.step(0.1, 2);
  assert.ok((await toArray(values)).every((value) => Math.abs(value - 2 * 0.95 ** 2) < 1e-6));
  for (const moment of adamw.state.values()) assert.ok((await toArray(moment)).every((value) => value === 0));
  adamw[Symbol.dispose]();
});

Deno.test("both optimisers go over all parts of an arena that is more than one dispatch binds", async () => {
  await openDevice();
  using _scope = new Scope();
  const blocks = 2 ** 18 + 64, size = 64 * blocks;
  const active = fromArray(new Uint32Array(blocks).fill(1), [blocks]);
  const gradients = fromArray(new Float32Array(size).fill(0.5), [size]);
  const options = { gradients, active, weightDecay: 0 };
  const make = {
    sgd: (values: Tensor) => new Sgd({ ...options, values, momentum: 0 }),
    adamw: (values: Tensor) => new AdamW({ ...options, values, betas: [0.9, 0.999], epsilon: 1e-8 }),
  };
  for (const [name, moved] of [["sgd", 0.95], ["adamw", 0.9]] as const) {
    const values = fromArray(new Float32Array(size).fill(1), [size]);
    const optimizer = make[name](values);
    optimizer.step(0.1, 1);
    const norm = (await toArray(optimizer.gradientNorm))[0];
    assert.ok(Math.abs(norm / (0.5 * Math.sqrt(size)) - 1) < 1e-4, `${name}: norm ${norm}`);
    const found = await toArray(values);
    assert.ok(found.every((value) => Math.abs(value - moved) < 1e-6), name);
    optimizer[Symbol.dispose]();
    values.release();
  }
});
