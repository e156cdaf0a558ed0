import assert from "node:assert/strict";
import { acquireBuffer, finished, freeAllIdle, kernel, liveObjects, openDevice, releaseBuffer } from "./mod.ts";

const fill = kernel(
  `struct Sizes { count: u32 }
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(8) fn fill(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < sizes.count) { y[id.x] = 1.0; }
}`,
  "fill",
);

/** Dispatches on a buffer of its own, which goes back to the pool. */
function dispatch(count: number): void {
  const buffer = acquireBuffer(count * 4);
  fill.dispatch({ sizes: { count }, y: { buffer, byteOffset: 0, byteSize: count * 4 } }, { threads: count });
  releaseBuffer(buffer);
}

Deno.test("equal dispatches make no further GPU object", async () => {
  await openDevice();
  dispatch(5);
  await finished();
  const before = liveObjects();
  for (let i = 0; i < 5; i++) dispatch(5);
  await finished();
  assert.deepEqual(liveObjects(), before);
  dispatch(6); // the same size class, another uniform
  await finished();
  assert.deepEqual(liveObjects(), {
    ...before,
    buffers: before.buffers + 1,
    bindGroups: before.bindGroups + 1,
  });
});

Deno.test("bind groups of buffers that were freed are forgotten", async () => {
  await openDevice();
  const before = liveObjects();
  for (let i = 0; i < 600; i++) {
    dispatch(7);
    freeAllIdle(); // the next one takes a new buffer
  }
  await finished();
  const after = liveObjects();
  assert.ok(after.buffers <= before.buffers + 1, `${before.buffers} → ${after.buffers} buffers`);
  assert.ok(after.bindGroups - before.bindGroups < 300, `${before.bindGroups} → ${after.bindGroups} bind groups`);
});

Deno.test("uniform buffers of ever other values are freed in time", async () => {
  await openDevice();
  const before = liveObjects();
  const buffer = acquireBuffer(64);
  const y = { buffer, byteOffset: 0, byteSize: 64 };
  for (let count = 1; count <= 25_000; count++) fill.dispatch({ sizes: { count }, y }, { threads: 8 });
  await finished();
  assert.ok(liveObjects().buffers - before.buffers <= 10_001, `${liveObjects().buffers} buffers`);
  releaseBuffer(buffer);
});

Deno.test("an encoder is alive until it is handed to the queue", async () => {
  await openDevice();
  await finished();
  const { encoders } = liveObjects();
  dispatch(9);
  assert.equal(liveObjects().encoders, encoders + 1);
  await finished();
  assert.equal(liveObjects().encoders, encoders);
});
