import assert from "node:assert/strict";
import { usableMemory } from "./training_memory.ts";

const GIB = 2 ** 30;

Deno.test("usableMemory() leaves 1 GiB of the machine to others where the adapter works in it, and nothing below that", () => {
  const of = (available: number) => usableMemory(undefined, { adapterKernels: "llvmpipe", available });
  assert.equal(of(3.5 * GIB), 2.5 * GIB);
  assert.equal(of(GIB), 0);
  assert.equal(of(0.5 * GIB), 0);
});

Deno.test("usableMemory() knows nothing of a GPU's memory, and takes DFDT_GPU_MEMORY_GIB on any adapter", () => {
  const [gpu, software] = (["gpu", "llvmpipe"] as const).map((adapterKernels) => ({ adapterKernels, available: GIB }));
  assert.equal(usableMemory(undefined, gpu), undefined);
  assert.equal(usableMemory("", gpu), undefined);
  for (const machine of [gpu, software]) {
    assert.equal(usableMemory("1.5", machine), 1.5 * GIB);
    for (const wanted of ["much", "0", "-1"]) {
      assert.throws(() => usableMemory(wanted, machine), {
        name: "UserError",
        message: `Cannot use DFDT_GPU_MEMORY_GIB "${wanted}": expected a number of GiB above 0`,
      });
    }
  }
});
