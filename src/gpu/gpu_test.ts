import assert from "node:assert/strict";
import {
  acquireBuffer,
  type BufferView,
  clear,
  copy,
  fittingKernels,
  forceKernelSet,
  kernel,
  kernelSet,
  memoryUse,
  openDevice,
  prewarm,
  readBack,
  releaseBuffer,
  resetPeakMemory,
  settlePools,
  upload,
} from "./mod.ts";

const SCALE = `
struct Sizes { count: u32, factor: f32 }
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
override offset: f32 = 0.0;
const repeat: u32 = 1u;
@compute @workgroup_size(8) fn scale(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= sizes.count) { return; }
  y[id.x] = x[id.x];
  for (var i = 0u; i < repeat; i++) { y[id.x] = y[id.x] * sizes.factor + offset; }
}`;

/** Room for `count` floats, freed at the end of the test. */
function floats(count: number): BufferView & Disposable {
  const buffer = acquireBuffer(count * 4);
  return { buffer, byteOffset: 0, byteSize: count * 4, [Symbol.dispose]: () => releaseBuffer(buffer) };
}

const bytes = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer);
const read = async (view: BufferView) => [...new Float32Array((await readBack([view]))[0])];

Deno.test("kernel() binds by name, fills uniforms by name and makes a variant for every set of constants", async () => {
  await openDevice();
  using x = floats(3);
  using y = floats(3);
  upload(x, bytes(1, 2, 3));
  const scale = kernel(SCALE, "scale");
  const bindings = { x, y, sizes: { factor: 2, count: 3 } };
  scale.dispatch(bindings, { threads: 3 });
  assert.deepEqual(await read(y), [2, 4, 6]);
  scale.dispatch(bindings, { threads: 3, constants: { offset: 1, repeat: 2 } });
  assert.deepEqual(await read(y), [7, 11, 15]);
  scale.dispatch({ ...bindings, sizes: { factor: 3, count: 2 } }, { workgroups: [1] });
  assert.deepEqual(await read(y), [3, 6, 15]);
});

Deno.test("kernel() refuses bindings, uniform fields and constants that the text does not have, or lacks", async () => {
  await openDevice();
  using x = floats(3);
  using y = floats(3);
  const scale = kernel(SCALE, "scale");
  const sizes = { count: 3, factor: 2 };
  assert.throws(() => scale.dispatch({ x, sizes }, { threads: 3 }), /Kernel "scale": binding "y" is missing/);
  assert.throws(
    () => scale.dispatch({ x, y, z: y, sizes }, { threads: 3 }),
    /Kernel "scale": expected bindings sizes, x, y, found "z"/,
  );
  assert.throws(
    () => scale.dispatch({ x, y, sizes: { count: 3 } }, { threads: 3 }),
    /Uniform "sizes": field "factor" is missing/,
  );
  assert.throws(
    () => scale.dispatch({ x, y, sizes: { ...sizes, more: 1 } }, { threads: 3 }),
    /Uniform "sizes": expected count,factor, found count,factor,more/,
  );
  assert.throws(
    () => scale.dispatch({ x, y, sizes }, { threads: 3, constants: { ofset: 1 } }),
    /Cannot set a constant: expected offset, repeat, found "ofset"/,
  );
});

Deno.test("prewarm() compiles without computing", async () => {
  await openDevice();
  using x = floats(2);
  using y = floats(2);
  upload(x, bytes(1, 2));
  clear(y);
  const scale = kernel(SCALE, "scale");
  const step = () => {
    scale.dispatch({ x, y, sizes: { count: 2, factor: 5 } }, { threads: 2 });
    copy(x, y);
  };
  await prewarm(step);
  assert.deepEqual(await read(y), [0, 0]);
  await assert.rejects(
    prewarm(() => {
      throw new Error("on purpose");
    }),
    /on purpose/,
  );
  scale.dispatch({ x, y, sizes: { count: 2, factor: 5 } }, { threads: 2 }); // computes again
  assert.deepEqual(await read(y), [5, 10]);
});

Deno.test("upload() comes after what was encoded before it; several ranges come back in one wait", async () => {
  await openDevice();
  using x = floats(5);
  using y = floats(5);
  upload(x, bytes(1, 2, 3, 4, 5));
  copy(x, y);
  upload(x, bytes(9, 9, 9, 9, 9));
  const [a, b] = (await readBack([x, y])).map((range) => [...new Float32Array(range)]);
  assert.deepEqual([a, b], [[9, 9, 9, 9, 9], [1, 2, 3, 4, 5]]);
});

Deno.test("the pool hands a freed buffer out again and counts what is in use", async () => {
  await openDevice();
  const before = memoryUse();
  const first = acquireBuffer(100_000);
  assert.ok(memoryUse().inUse - before.inUse >= 100_000 && memoryUse().inUse - before.inUse < 115_000);
  releaseBuffer(first);
  assert.equal(memoryUse().inUse, before.inUse);
  resetPeakMemory();
  const second = acquireBuffer(99_500);
  assert.equal(second.id, first.id);
  assert.equal(memoryUse().peak, memoryUse().inUse);
  releaseBuffer(second);
});

Deno.test("settlePools() makes equal work take equal buffers, whatever order they were given back in", async () => {
  await openDevice();
  const work = (backwards: boolean) => {
    settlePools();
    const taken = [1, 2, 3].map(() => acquireBuffer(77_777));
    for (const buffer of backwards ? taken.toReversed() : taken) releaseBuffer(buffer);
    return taken.map(({ id }) => id);
  };
  work(false); // makes what is missing
  const ids = work(false);
  assert.deepEqual(work(false), ids);
  assert.deepEqual(work(true), ids);
  assert.deepEqual(work(true), ids);
});

Deno.test("fittingKernels() goes by what an adapter says of itself", async () => {
  assert.equal(fittingKernels({ isFallbackAdapter: true }), "llvmpipe");
  assert.equal(fittingKernels({ isFallbackAdapter: false }), "gpu");
  assert.equal(fittingKernels({} as GPUAdapterInfo), "gpu"); // browsers that do not say
  const { adapterName, adapterKernels } = await openDevice();
  assert.equal(adapterKernels, adapterName.includes("llvmpipe") ? "llvmpipe" : "gpu");
});

Deno.test("forceKernelSet() goes before the adapter's own", async () => {
  const { adapterKernels } = await openDevice();
  assert.equal(kernelSet(), adapterKernels);
  forceKernelSet("gpu");
  assert.equal(kernelSet(), "gpu");
  forceKernelSet(undefined);
});

Deno.test("a fault on the device ends the process with exit code 1 and the message", async () => {
  const program = `
    import { kernel, openDevice, acquireBuffer } from "./src/gpu/mod.ts";
    await openDevice();
    const y = { buffer: acquireBuffer(64), byteOffset: 0, byteSize: 64 };
    kernel("@group(0) @binding(0) var<storage, read_write> y: array<f32>; @compute @workgroup_size(1) fn f() { y[0] = nonsense; }", "f")
      .dispatch({ y }, { threads: 1 });
    await new Promise((resolve) => setTimeout(resolve, 2000));
    console.log("went on");`;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", program],
    cwd: new URL("../..", import.meta.url),
    env: { DENO_WEBGPU_BACKEND: "vulkan" },
  }).output();
  assert.equal(code, 1);
  assert.equal(new TextDecoder().decode(stdout), "");
  assert.match(new TextDecoder().decode(stderr), /WebGPU: [^]*nonsense/);
});
