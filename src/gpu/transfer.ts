import { gpu } from "./adapter.ts";
import type { BufferView } from "./buffer_view.ts";
import { copyEncoder, submit } from "./commands.ts";
import { answered } from "./device_faults.ts";
import { mode } from "./mode.ts";
import { count } from "./objects.ts";
import { forgetTextures } from "./textures.ts";

/**
 * Writes host bytes into a buffer range, after everything encoded before. While pipelines are only compiled this happens too:
 * tables that are made when they are first needed stay valid after it.
 */
export function upload(view: BufferView, bytes: Uint8Array<ArrayBuffer>): void {
  forgetTextures(view.buffer);
  if (mode() === "count") return;
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
  for (const view of [from, to]) view.materialize?.();
  forgetTextures(to.buffer);
  if (mode() !== "compute") return;
  const bytes = Math.ceil(from.byteSize / 4) * 4;
  copyEncoder().copyBufferToBuffer(from.buffer.buffer, from.byteOffset, to.buffer.buffer, to.byteOffset, bytes);
}

/** Fills a buffer range with zero bytes. */
export function clear(view: BufferView): void {
  forgetTextures(view.buffer);
  if (mode() !== "compute") return;
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
  for (const view of views) view.materialize?.();
  const encoder = copyEncoder();
  for (const [i, { buffer, byteOffset, byteSize }] of views.entries()) {
    encoder.copyBufferToBuffer(buffer.buffer, byteOffset, staging, offsets[i], Math.ceil(byteSize / 4) * 4);
  }
  submit();
  await answered(gpu().adapterName, staging.mapAsync(GPUMapMode.READ));
  const mapped = staging.getMappedRange();
  const result = views.map((view, i) => mapped.slice(offsets[i], offsets[i] + view.byteSize));
  staging.unmap();
  staging.destroy();
  count("buffers", -1);
  return result;
}
