import { gpu } from "./adapter.ts";
import { answered, noteOperator } from "./device_faults.ts";
import { count } from "./objects.ts";
import { closeTimestamps, isProfiling, timestampsOf } from "./profile.ts";

/** llvmpipe starts to work at a submit, so a long step is handed over in parts while the next part is being encoded. */
const DISPATCHES_PER_SUBMIT = 128;

let encoder: GPUCommandEncoder | undefined;
let pass: GPUComputePassEncoder | undefined;
let pending = 0;

/**
 * The open compute pass of the current command encoder.
 *
 * @param label what is dispatched, for profiles and messages
 */
export function computePass(label: string): GPUComputePassEncoder {
  if (pending >= DISPATCHES_PER_SUBMIT) submit();
  pending++;
  noteOperator(label);
  if (isProfiling()) {
    pass?.end();
    pass = openEncoder().beginComputePass({ timestampWrites: timestampsOf(label, DISPATCHES_PER_SUBMIT) });
  }
  pass ??= openEncoder().beginComputePass();
  return pass;
}

/** The current command encoder, with no pass open, for copies. */
export function copyEncoder(): GPUCommandEncoder {
  pass?.end();
  pass = undefined;
  return openEncoder();
}

function openEncoder(): GPUCommandEncoder {
  if (!encoder) {
    encoder = gpu().device.createCommandEncoder();
    count("encoders", 1);
  }
  return encoder;
}

/** Hands everything encoded so far to the queue. */
export function submit(): void {
  if (!encoder) return;
  pass?.end();
  const readTimestamps = closeTimestamps(encoder);
  gpu().device.queue.submit([encoder.finish()]);
  readTimestamps();
  count("encoders", -1);
  encoder = undefined;
  pass = undefined;
  pending = 0;
}

/** Submits and waits until the GPU is done. Never inside a step: a wait costs about 11 ms. */
export async function finished(): Promise<void> {
  if (encoder) submit();
  else gpu().device.queue.submit([]); // hands on what upload() wrote, which the queue otherwise keeps
  await answered(gpu().adapterName, gpu().device.queue.onSubmittedWorkDone());
}
