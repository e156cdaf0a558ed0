import assert from "node:assert/strict";
import { forceKernelSet } from "../src/gpu/mod.ts";
import { readNetworkFixture } from "../src/parity/network_fixture.ts";
import { compareNetwork } from "../src/parity/network.ts";

const FOLDER = new URL("fixtures/network/", import.meta.url);

// The fixtures were computed by the published implementation in PyTorch 1.13, float32, on a CPU.
for (const name of ["small", "small-few-pixels", "small-even"]) {
  for (const set of ["gpu", "llvmpipe"] as const) {
    Deno.test(`compareNetwork() finds every tensor of ${name} within tolerance, ${set} kernels`, async () => {
      forceKernelSet(set);
      try {
        const bytes = await Deno.readFile(new URL(`${name}.safetensors`, FOLDER));
        const rows = await compareNetwork(readNetworkFixture(bytes, name));
        assert.deepEqual(rows.filter(({ ok }) => !ok), []);
        assert.ok(rows.length > 600);
      } finally {
        forceKernelSet(undefined);
      }
    });
  }
}

Deno.test("compareNetwork() finds every tensor of the published size within tolerance, the adapter's own kernels", async () => {
  const bytes = await Deno.readFile(new URL("full.safetensors", FOLDER));
  const rows = await compareNetwork(readNetworkFixture(bytes, "full"));
  assert.deepEqual(rows.filter(({ ok }) => !ok), []);
  assert.ok(rows.length > 3900);
});
