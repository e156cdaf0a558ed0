/// <reference lib="dom" />
import type { Answer, Ask, CallName, FaultKind, FromWorker, PagePieces, ToWorker } from "../protocol.ts";

/** Why something that was asked of the worker could not be done. */
export class PageFault extends Error {
  /** What kind of fault it is decides what a user is told to do. */
  constructor(readonly kind: FaultKind, message: string) {
    super(message);
  }
}

interface Open {
  resolve(answer: unknown): void;
  reject(fault: PageFault): void;
  onProgress?: (done: number, total: number) => void;
}

/** The page's side of the line to the worker. A worker whose device is lost is replaced by a new one. */
export class WorkerLine {
  #worker: Worker | undefined;
  #open = new Map<number, Open>();
  #next = 0;

  /**
   * @param code the worker's JavaScript
   * @param pieces what else lies in the page for it
   * @param onLost told once why nothing more will be answered
   */
  constructor(
    readonly code: Promise<string>,
    readonly pieces: Promise<PagePieces>,
    readonly onLost: (fault: PageFault) => void,
  ) {}

  /** Starts a worker in place of the one before, if there was one. */
  async start(): Promise<void> {
    this.#end(new PageFault("lost", "It was started again"));
    const address = URL.createObjectURL(new Blob([await this.code], { type: "text/javascript" }));
    const worker = this.#worker = new Worker(address);
    URL.revokeObjectURL(address);
    worker.onmessage = ({ data }: { data: FromWorker }) => this.#hear(data);
    worker.onerror = (event) => {
      event.preventDefault();
      this.#lose(new PageFault(/memory/i.test(event.message) ? "memory" : "fault", event.message));
    };
    worker.postMessage({ pieces: await this.pieces });
  }

  /** Asks the worker for something. */
  ask<N extends CallName>(
    name: N,
    ask: Ask<N>,
    { onProgress, transfer = [] }: { onProgress?: Open["onProgress"]; transfer?: Transferable[] } = {},
  ): Promise<Answer<N>> {
    const worker = this.#worker;
    if (!worker) return Promise.reject(new PageFault("lost", "Nothing computes at the moment"));
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#open.set(id, { resolve: resolve as Open["resolve"], reject, onProgress });
      try {
        worker.postMessage({ id, name, ask } satisfies ToWorker, transfer);
      } catch (error) { // a scan is copied on the way
        this.#open.delete(id);
        reject(new PageFault("memory", (error as Error).message));
      }
    });
  }

  #hear(message: FromWorker): void {
    if ("lost" in message) return this.#lose(new PageFault(message.kind, message.lost));
    const open = this.#open.get(message.id);
    if (!open) return;
    if ("progress" in message) return open.onProgress?.(...message.progress);
    this.#open.delete(message.id);
    if ("fault" in message) open.reject(new PageFault(message.fault.kind, message.fault.message));
    else open.resolve(message.answer);
  }

  #lose(fault: PageFault): void {
    this.#end(fault);
    this.onLost(fault);
  }

  #end(fault: PageFault): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    const open = [...this.#open.values()];
    this.#open.clear();
    for (const { reject } of open) reject(fault);
  }
}
