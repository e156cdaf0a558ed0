import type { InterruptMessage } from "./interrupts.ts";

/** What a dedicated worker has of its global scope; the project's types are those of the main thread. */
const scope = globalThis as unknown as {
  postMessage(message: null): void;
  onmessage: ((event: MessageEvent<InterruptMessage>) => void) | null;
};

scope.onmessage = ({ data: { signals, sameForMs } }) => {
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
};
