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
