import { gpu } from "./adapter.ts";

/** A dispatch as the device timed it. */
export interface DeviceSpan {
  /** The kernel. */
  label: string;
  /** Nanoseconds of the device's own clock. */
  start: bigint;
  /** Nanoseconds of the device's own clock. */
  end: bigint;
}

/** What listens to dispatches. */
export type DeviceListener = (spans: readonly DeviceSpan[]) => void;

/** Timestamps of one command encoder. */
class Timestamps {
  readonly #labels: string[] = [];
  readonly #queries: GPUQuerySet;

  constructor(readonly capacity: number) {
    this.#queries = gpu().device.createQuerySet({ type: "timestamp", count: 2 * capacity });
  }

  /** What a pass of one dispatch writes. */
  next(label: string): GPUComputePassTimestampWrites {
    const first = 2 * this.#labels.length;
    this.#labels.push(label);
    return { querySet: this.#queries, beginningOfPassWriteIndex: first, endOfPassWriteIndex: first + 1 };
  }

  /** Encodes the read-back; the result, called after the submit, hands the spans on when they are there. */
  resolve(encoder: GPUCommandEncoder): (listener: DeviceListener) => Promise<void> {
    const { device } = gpu();
    const count = 2 * this.#labels.length, size = 8 * count;
    const resolved = device.createBuffer({ size, usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC });
    const staging = device.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
    encoder.resolveQuerySet(this.#queries, 0, count, resolved, 0);
    encoder.copyBufferToBuffer(resolved, 0, staging, 0, size);
    return async (listener) => {
      await staging.mapAsync(GPUMapMode.READ);
      const times = new BigUint64Array(staging.getMappedRange().slice(0));
      for (const thing of [staging, resolved, this.#queries]) thing.destroy();
      listener(this.#labels.map((label, i) => ({ label, start: times[2 * i], end: times[2 * i + 1] })));
    };
  }
}

let listener: DeviceListener | undefined;
let current: Timestamps | undefined;
let waiting: Promise<void>[] = [];

/** True while dispatches are timed, each in a pass of its own. */
export function isProfiling(): boolean {
  return listener !== undefined;
}

/**
 * Times every dispatch from now on, where the device has timestamps. It costs a pass a dispatch, so a profile says what share a
 * kernel has, not how long a run takes without.
 *
 * @returns whether the device can
 */
export function startProfile(given: DeviceListener): boolean {
  if (!gpu().device.features.has("timestamp-query")) return false;
  listener = given;
  return true;
}

/** Ends the profile; all spans have been handed on then. What is encoded is to be submitted before. */
export async function endProfile(): Promise<void> {
  await Promise.all(waiting);
  waiting = [];
  listener = undefined;
}

/** What the pass of a dispatch writes while dispatches are timed. */
export function timestampsOf(label: string, capacity: number): GPUComputePassTimestampWrites | undefined {
  if (!listener) return undefined;
  current ??= new Timestamps(capacity);
  return current.next(label);
}

/** Says that an encoder is complete; what it returns is called once it was submitted. */
export function closeTimestamps(encoder: GPUCommandEncoder): () => void {
  if (!current || !listener) return () => {};
  const read = current.resolve(encoder), to = listener;
  current = undefined;
  return () => waiting.push(read(to));
}
