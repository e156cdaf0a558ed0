import { gpu } from "./adapter.ts";
import { forgetBindingsOf } from "./bindings.ts";
import { mode } from "./mode.ts";
import { count } from "./objects.ts";
import { Pool } from "./pool.ts";

/** A GPU buffer of the pool. Its bytes are undefined until written. */
export interface PooledBuffer {
  /** The buffer itself. */
  readonly buffer: GPUBuffer;
  /** Bytes, at least what was asked for. */
  readonly bytes: number;
  /** Unique in the process; cached bind groups are named by it. */
  readonly id: string;
}

/** A range of a pooled buffer; tensors are such ranges. `byteOffset` is a multiple of 256. */
export interface BufferView {
  /** The buffer that holds the range. */
  readonly buffer: PooledBuffer;
  /** First byte. */
  readonly byteOffset: number;
  /** Number of bytes. */
  readonly byteSize: number;
  /** Makes sure that the bytes are there, where they may have been forgotten; called before anything is encoded with them. */
  materialize?(): void;
}

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
  pool.give(pooled.bytes, pooled);
}

/** 8 sizes for every doubling, so that neighbouring shapes share buffers, and 32 from 1 MiB on, where waste counts more. */
function sizeClass(bytes: number): number {
  const shift = bytes < 2 ** 20 ? 3 : 5;
  const step = Math.max(256, 2 ** (Math.floor(Math.log2(Math.max(bytes, 1))) - shift));
  return Math.ceil(Math.max(bytes, 16) / step) * step;
}
