import { gpu } from "./adapter.ts";
import { forgetBindingsOf } from "./bindings.ts";
import type { PooledBuffer } from "./buffer_view.ts";
import { mode } from "./mode.ts";
import { count } from "./objects.ts";
import { Pool } from "./pool.ts";
import { forgetTextures } from "./textures.ts";

let nextId = 0;

const pool = new Pool<PooledBuffer>({
  unit: 1,
  create(bytes) {
    if (mode() === "count") return { buffer: undefined as never, bytes, id: "counted" };
    const buffer = gpu().device.createBuffer({
      size: bytes,
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
    });
    count("buffers", 1);
    return { buffer, bytes, id: `b${nextId++}` };
  },
  destroy({ buffer, id }) {
    buffer.destroy();
    forgetBindingsOf(id);
    count("buffers", -1);
  },
});

/** Takes a buffer of at least `bytes` bytes from the pool. Reuse is deterministic: the last one freed of its size class. */
export function acquireBuffer(bytes: number): PooledBuffer {
  return pool.take(sizeClass(bytes)).thing;
}

/**
 * Gives a buffer back. Commands encoded before may still read it: all work goes through one queue in order, so whoever
 * takes the buffer next writes after them.
 */
export function releaseBuffer(pooled: PooledBuffer): void {
  forgetTextures(pooled);
  pool.give(pooled.bytes, pooled);
}

/**
 * 8 sizes for every doubling, so that neighbouring shapes share buffers, and 32 from 1 MiB on, where waste counts more. From 512
 * KiB on they are whole rows of a flat texture, into which one copy then moves all.
 */
function sizeClass(bytes: number): number {
  const shift = bytes < 2 ** 20 ? 3 : 5, least = bytes < 2 ** 19 ? 256 : 2 ** 16;
  const step = Math.max(least, 2 ** (Math.floor(Math.log2(Math.max(bytes, 1))) - shift));
  return Math.ceil(Math.max(bytes, 16) / step) * step;
}
