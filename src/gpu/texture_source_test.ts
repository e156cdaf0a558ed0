import assert from "node:assert/strict";
import { acquireBuffer, forceKernelSet, kernel, openDevice, readBack, releaseBuffer, upload } from "./mod.ts";
import { isWorthCopying, readFromTextures } from "./texture_source.ts";

const GATHER = `
override threads: u32 = 64;
@group(0) @binding(0) var<storage, read> order: array<u32>;
@group(0) @binding(1) var<storage, read> place: array<f32>;
@group(0) @binding(2) var<storage, read> table: array<vec4f>;
@group(0) @binding(3) var<storage, read> known: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<vec4f>;
@compute @workgroup_size(threads) fn gather(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= arrayLength(&y)) { return; }
  y[id.x] = table[u32(place[order[id.x]])] + place[id.x] * known[min(id.x, arrayLength(&known) - 1u)];
}`;

Deno.test("readFromTextures() rewrites arrays of f32 and vec4f, nested loads too, unless their length is asked for", () => {
  const { source, textures } = readFromTextures(GATHER);
  assert.deepEqual([...textures], [["place", 1], ["table", 4]]);
  assert.match(source, /var place: texture_storage_2d<rgba32float, read>;/);
  assert.match(source, /var<storage, read> order: array<u32>;/);
  assert.match(source, /var<storage, read> known: array<f32>;/);
  assert.ok(source.includes("tableAt(u32(u32(placeAt(u32(order[id.x])))))"), source);
});

/** An array on the GPU, freed at the end of the test. */
function onGpu(values: Uint32Array<ArrayBuffer> | Float32Array<ArrayBuffer>) {
  const view = { buffer: acquireBuffer(values.byteLength), byteOffset: 0, byteSize: values.byteLength };
  upload(view, new Uint8Array(values.buffer));
  return { ...view, [Symbol.dispose]: () => releaseBuffer(view.buffer) };
}

Deno.test("isWorthCopying() says yes for much work on llvmpipe, no for little, and never on a GPU", async () => {
  await openDevice();
  using place = onGpu(new Float32Array(40_000));
  using table = onGpu(new Float32Array(160_000));
  const { textures } = readFromTextures(GATHER);
  const worth = (threads: number) => isWorthCopying({ place, table }, textures, threads);
  try {
    forceKernelSet("llvmpipe");
    assert.equal(worth(40_000), true);
    using few = onGpu(new Float32Array(400));
    assert.equal(isWorthCopying({ place: few, table: few }, textures, 400), false);
    forceKernelSet("gpu");
    assert.equal(worth(40_000), false);
  } finally {
    forceKernelSet(undefined);
  }
});

Deno.test("a kernel gives the same bits from textures as from buffers, ragged ends and NaN included", async () => {
  await openDevice();
  // 70,001 numbers end within a texel, and their texels within a row of 4096
  const count = 70_001;
  using order = onGpu(Uint32Array.from({ length: count }, (_, i) => (i * 7919) % count));
  using place = onGpu(Float32Array.from({ length: count }, (_, i) => (i * 104729) % count));
  using table = onGpu(Float32Array.from({ length: 4 * count }, (_, i) => i === 17 ? NaN : Math.sin(i)));
  using known = onGpu(Float32Array.of(0.5, 0.25));
  const gather = kernel(GATHER, "gather");
  const results: Uint32Array[] = [];
  try {
    for (const set of ["gpu", "llvmpipe"] as const) { // from buffers, from textures
      forceKernelSet(set);
      using y = onGpu(new Float32Array(4 * count));
      gather.dispatch({ order, place, table, known, y }, { threads: count });
      results.push(new Uint32Array((await readBack([y]))[0]));
    }
  } finally {
    forceKernelSet(undefined);
  }
  assert.equal(results[1].findIndex((bits, i) => bits !== results[0][i]), -1);
  assert.notEqual(results[0][0], results[0][4 * (count - 1)]);
});
