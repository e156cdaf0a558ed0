import assert from "node:assert/strict";
import { openDevice } from "../gpu/mod.ts";
import { Random } from "../random.ts";
import { fromArray, Scope, toArray } from "../tensor/mod.ts";
import { Sgd } from "./optimizer.ts";

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
    const { upload } = await import("../gpu/mod.ts");
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
    sgd.release();
  });
}
