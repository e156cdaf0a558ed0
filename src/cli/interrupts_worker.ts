import process from "node:process";
import type { InterruptMessage } from "./interrupts.ts";

/** What a dedicated worker has of its global scope; the project's types are those of the main thread. */
const scope = globalThis as unknown as {
  postMessage(message: null): void;
  onmessage: ((event: MessageEvent<InterruptMessage>) => void) | null;
};

/** Milliseconds between two looks at whether the parent still lives. */
const LOOK_MS = 1000;

scope.onmessage = ({ data: { signals, sameForMs, parent } }) => {
  let isFirst = true;
  const listen = () => {
    if (!isFirst) return;
    isFirst = false;
    console.error("Interrupted: finishing the current case or step (once more to stop at once)");
    scope.postMessage(null);
    // without a listener the system ends the process, whatever it is doing
    setTimeout(() => signals.forEach((signal) => Deno.removeSignalListener(signal, listen)), sameForMs);
  };
  for (const signal of signals) Deno.addSignalListener(signal, listen);
  if (parent !== undefined) setInterval(() => isThere(parent) || listen(), LOOK_MS);
};

function isThere(id: number): boolean {
  try {
    return process.kill(id, 0);
  } catch (error) {
    return (error as { code?: string }).code === "EPERM"; // it lives, but is somebody else's
  }
}
