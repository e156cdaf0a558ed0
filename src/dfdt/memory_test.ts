import assert from "node:assert/strict";
import { countMemory, freeAllIdle, memoryUse, openDevice } from "../gpu/mod.ts";
import { Scope, zeros } from "../tensor/mod.ts";
import { Network, type NetworkConfiguration } from "./mod.ts";
import { DfdtTrainable } from "./trainable.ts";

Deno.test("the pools take nothing more after step 5: by their own count, for 200 steps (tests/system/growth_test.ts measures)", async () => {
  await openDevice();
  const configuration: NetworkConfiguration = {
    image: 65,
    planes: 4,
    layers: [1, 2, 1, 1],
    classes: 8,
    channels: 8,
    parts: 4,
    embedding: 12,
  };
  const before = memoryUse();
  countMemory(() => {
    const network = new Network(configuration);
    const trainable = new DfdtTrainable(network, { seed: 1 });
    const use: Record<number, { inUse: number; allocated: number }> = {};
    for (let step = 1; step <= 200; step++) {
      {
        using _scope = new Scope();
        const map = () => zeros([65, 65]);
        trainable.step({ supportImage: map(), supportMask: map(), queryImage: map(), queryMask: map() }, step);
      }
      use[step] = memoryUse();
    }
    assert.ok(use[5].inUse > 0);
    assert.equal(use[200].inUse, use[5].inUse);
    assert.equal(use[200].allocated, use[5].allocated);
    network[Symbol.dispose]();
    assert.equal(memoryUse().inUse, 0);
    freeAllIdle();
    assert.equal(memoryUse().allocated, 0);
  });
  assert.deepEqual(memoryUse(), before);
});
