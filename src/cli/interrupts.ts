/** What the worker of {@link interrupts} is told, and tells. */
export interface InterruptMessage {
  /** The signals that interrupt. */
  signals: Deno.Signal[];
  /** For so many milliseconds after an interrupt a further one is the same: `deno task` hands it on to its children. */
  sameForMs: number;
  /** A process whose end interrupts, too. */
  parent?: number;
}

/** Names the process on whose behalf this one runs, which tells of it: its end is an interrupt, and it alone keeps a record. */
export const PARENT = "DFDT_PARENT";

/** Names the file of the record of a process that a job of a cluster starts; who looks after the job reads it. */
export const RECORD = "DFDT_RECORD";

/**
 * Aborted when the user interrupts; an interrupt more than a second later ends the process at once, with 130. A worker listens,
 * since this thread is busy for seconds where a step is large.
 */
export function interrupts(): AbortSignal {
  const interrupt = new AbortController();
  // there is no SIGTERM on Windows
  const signals: Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM"];
  const worker = new Worker(new URL("./interrupts_worker.ts", import.meta.url), { type: "module" });
  worker.onmessage = () => interrupt.abort();
  const parent = Number(Deno.env.get(PARENT)) || undefined;
  worker.postMessage({ signals, sameForMs: 1000, parent } satisfies InterruptMessage);
  return interrupt.signal;
}
