import assert from "node:assert/strict";
import {
  acquireBuffer,
  clear,
  copy,
  countMemory,
  forceKernelSet,
  freeAllIdle,
  kernel,
  memoryUse,
  openDevice,
  prewarm,
  readBack,
  releaseBuffer,
  upload,
} from "./mod.ts";

const double = kernel(
  `@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;
@compute @workgroup_size(64) fn double(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < arrayLength(&y)) { y[id.x] = 2.0 * x[id.x]; }
}`,
  "double",
  { textures: ["x"] },
);

/** Room for floats, freed at the end of the test. */
function floats(count: number) {
  const buffer = acquireBuffer(count * 4);
  return { buffer, byteOffset: 0, byteSize: count * 4, [Symbol.dispose]: () => releaseBuffer(buffer) };
}

/** How often `body` copies into a texture. */
function copiesOf(body: () => void): number {
  const encoder = GPUCommandEncoder.prototype, { copyBufferToTexture } = encoder;
  let count = 0;
  encoder.copyBufferToTexture = function (...given: unknown[]) {
    count++;
    return Reflect.apply(copyBufferToTexture, this, given);
  };
  try {
    body();
  } finally {
    encoder.copyBufferToTexture = copyBufferToTexture;
  }
  return count;
}

async function onLlvmpipe(body: () => Promise<void>): Promise<void> {
  await openDevice();
  forceKernelSet("llvmpipe");
  try {
    await body();
  } finally {
    forceKernelSet(undefined);
  }
}

const first = async (view: Parameters<typeof readBack>[0][0]) => new Float32Array((await readBack([view]))[0])[0];

Deno.test("a kernel's inputs are copied into textures once, until they are written", () =>
  onLlvmpipe(async () => {
    const count = 5 * 4096 * 4 + 8; // ends within a row of texels
    using x = floats(count);
    using y = floats(count);
    using z = floats(count);
    const run = () => copiesOf(() => double.dispatch({ x, y }, { threads: count / 4 }));
    const expect = async (value: number) => assert.equal(await first(y), value);
    upload(x, new Uint8Array(new Float32Array(count).fill(1).buffer));
    assert.ok(run() > 0);
    assert.equal(run(), 0);
    await expect(2);
    upload(x, new Uint8Array(new Float32Array(count).fill(3).buffer));
    assert.ok(run() > 0);
    await expect(6);
    clear(x);
    assert.ok(run() > 0);
    await expect(0);
    upload(z, new Uint8Array(new Float32Array(count).fill(5).buffer));
    copy(z, x);
    assert.ok(run() > 0);
    await expect(10);
    double.dispatch({ x: z, y: x }, { threads: count / 4 }); // writes x
    assert.ok(run() > 0);
    await expect(20);
    await prewarm(() => void run()); // computes nothing, so it must not take a copy for made
    assert.equal(run(), 0);
    await expect(20);
  }));

Deno.test("textures go with their buffers, and when all idle memory is freed; counting leaves them alone", () =>
  onLlvmpipe(async () => {
    freeAllIdle();
    const before = memoryUse();
    using y = floats(4096 * 4);
    {
      using x = floats(4096 * 4);
      double.dispatch({ x, y }, { threads: 4096 });
      assert.equal(memoryUse().inUse - before.inUse, 3 * 65536);
      const counted = countMemory(() => {
        using a = floats(4096 * 4);
        using b = floats(4096 * 4);
        double.dispatch({ x: a, y: b }, { threads: 4096 });
      });
      assert.deepEqual([counted.peak, counted.inUse], [3 * 65536, 0]);
      assert.equal(memoryUse().inUse - before.inUse, 3 * 65536);
      assert.equal(copiesOf(() => double.dispatch({ x, y }, { threads: 4096 })), 0);
    }
    assert.equal(memoryUse().inUse - before.inUse, 65536);
    using x = floats(4096 * 4);
    double.dispatch({ x, y }, { threads: 4096 });
    freeAllIdle();
    assert.equal(memoryUse().allocated - before.allocated, 2 * 65536);
    await readBack([y]);
  }));
