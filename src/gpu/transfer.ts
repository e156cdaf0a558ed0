import { gpu } from "./adapter.ts";
import { copyEncoder, submit } from "./commands.ts";
import type { BufferView } from "./kernel.ts";
import { isDryRun } from "./kernel.ts";
import { count } from "./objects.ts";
import { isRehearsal } from "./pool.ts";

/**
 * Writes host bytes into a buffer range, after everything encoded before. A dry run does this too: tables that are made when
 * they are first needed stay valid after it.
 */
export function upload(view: BufferView, bytes: Uint8Array<ArrayBuffer>): void {
  if (isRehearsal()) return;
  submit(); // a queue write happens before commands that are encoded but not yet submitted
  const whole = bytes.byteLength - (bytes.byteLength % 4);
  const { queue } = gpu().device;
  queue.writeBuffer(view.buffer.buffer, view.byteOffset, bytes, 0, whole);
  if (whole < bytes.byteLength) {
    const last = new Uint8Array(4);
    last.set(bytes.subarray(whole));
    queue.writeBuffer(view.buffer.buffer, view.byteOffset + whole, last);
  }
}

/** Copies a buffer range onto another of the same length. */
export function copy(from: BufferView, to: BufferView): void {
  if (isDryRun()) return;
  const bytes = Math.ceil(from.byteSize / 4) * 4;
  const [source, target] = [from.buffer.buffer, to.buffer.buffer]; // before the encoder: either may be computed now
  copyEncoder().copyBufferToBuffer(source, from.byteOffset, target, to.byteOffset, bytes);
}

/** Fills a buffer range with zero bytes. */
export function clear(view: BufferView): void {
  if (isDryRun()) return;
  copyEncoder().clearBuffer(view.buffer.buffer, view.byteOffset, Math.ceil(view.byteSize / 4) * 4);
}

/** Reads ranges back in one wait. Never between the operators of a step: a wait costs about 11 ms. */
export async function readBack(views: readonly BufferView[]): Promise<ArrayBuffer[]> {
  const offsets: number[] = [];
  let total = 0;
  for (const view of views) {
    offsets.push(total);
    total += Math.ceil(view.byteSize / 16) * 16;
  }
  const staging = gpu().device.createBuffer({
    size: Math.max(16, total),
    usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
  });
  count("buffers", 1);
  const buffers = views.map((view) => view.buffer.buffer); // before the encoder: any may be computed now
  const encoder = copyEncoder();
  for (const [i, view] of views.entries()) {
    const bytes = Math.ceil(view.byteSize / 4) * 4;
    encoder.copyBufferToBuffer(buffers[i], view.byteOffset, staging, offsets[i], bytes);
  }
  submit();
  await staging.mapAsync(GPUMapMode.READ);
  const mapped = staging.getMappedRange();
  const result = views.map((view, i) => mapped.slice(offsets[i], offsets[i] + view.byteSize));
  staging.unmap();
  staging.destroy();
  count("buffers", -1);
  return result;
}
