import { gpu } from "./adapter.ts";

/** A GPU buffer of the pool. Its bytes are undefined until written. */
export interface PooledBuffer {
  /** The buffer itself. */
  readonly buffer: GPUBuffer;
  /** Bytes, at least what was asked for. */
  readonly bytes: number;
  /** Unique in the process; cached bind groups are named by it. */
  readonly id: number;
}

/** Bytes held by the pool. */
export interface MemoryUse {
  /** In use now. */
  inUse: number;
  /** The most that was in use at once. */
  peak: number;
  /** In use or waiting for reuse. */
  allocated: number;
}

const free = new Map<number, PooledBuffer[]>();
const use: MemoryUse = { inUse: 0, peak: 0, allocated: 0 };
let nextId = 0;

/** Takes a buffer of at least `bytes` bytes from the pool. Reuse is deterministic: the last one freed of its size class. */
export function acquireBuffer(bytes: number): PooledBuffer {
  const size = sizeClass(bytes);
  let pooled = free.get(size)?.pop();
  if (!pooled) {
    const buffer = gpu().device.createBuffer({
      size,
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
    });
    pooled = { buffer, bytes: size, id: nextId++ };
    use.allocated += size;
  }
  use.inUse += size;
  use.peak = Math.max(use.peak, use.inUse);
  return pooled;
}

/**
 * Gives a buffer back. Commands encoded before may still read it: all work goes through one queue in order, so whoever
 * takes the buffer next writes after them.
 */
export function releaseBuffer(pooled: PooledBuffer): void {
  use.inUse -= pooled.bytes;
  const list = free.get(pooled.bytes);
  if (list) list.push(pooled);
  else free.set(pooled.bytes, [pooled]);
}

/** Bytes in use, at peak, and allocated. */
export function memoryUse(): Readonly<MemoryUse> {
  return { ...use };
}

/** Starts a new measurement of the peak. */
export function resetPeakMemory(): void {
  use.peak = use.inUse;
}

/** Eight sizes for every doubling: at most an eighth is wasted and neighbouring shapes share buffers. */
function sizeClass(bytes: number): number {
  const step = Math.max(256, 2 ** Math.floor(Math.log2(Math.max(bytes, 1)) - 3));
  return Math.ceil(Math.max(bytes, 16) / step) * step;
}
