import { UserError } from "../../errors.ts";
import { type CaseJob, makeCase } from "../case_job.ts";
import type { AnyStage, StageContext } from "../graph.ts";
import { availableMemory } from "../../available_memory.ts";
import { contentBytes } from "./content_bytes.ts";

/** What a worker is told. */
export type ToWorker = { type: "make"; job: CaseJob } | { type: "abort" };

/** What a worker tells. */
export type FromWorker =
  | { type: "done" }
  | { type: "failed"; error: WorkerError }
  | { type: "warning"; message: string }
  | { type: "progress"; progress: Parameters<StageContext["progress"]> };

/** An error as plain data. */
interface WorkerError {
  name: string;
  message: string;
  stack?: string;
  /** Of a {@link UserError}. */
  kind?: UserError["kind"];
  /** Of an error of the system. */
  code?: string;
}

/** Memory of a worker beside what its stage takes. */
const WORKER_BYTES = 150 * 2 ** 20;

/** Share of the available memory that workers may fill: the rest is for the file cache and for wrong estimates. */
const MEMORY_SHARE = 0.7;

/** Less input than this in all is sooner done than workers are started (a fifth of a second each). */
const WORTHWHILE_BYTES = 4 * 2 ** 20;

/**
 * Makes cases on this machine, as many side by side as its cores and its memory allow. A case is made in a worker, a thread of
 * its own with the module of its stage; where only one fits, in this thread. Workers are kept from stage to stage.
 */
export class LocalExecutor implements Disposable {
  readonly #wanted: number | undefined;
  readonly #idle: CaseWorker[] = [];

  /** @param workers how many cases at most; decided by cores and memory unless given */
  constructor(workers?: number) {
    this.#wanted = workers;
  }

  /** How many of some cases of a stage are to be made side by side. */
  async width(stage: AnyStage, jobs: readonly CaseJob[]): Promise<number> {
    if (stage.module === undefined) return 1;
    if (this.#wanted !== undefined) return Math.min(this.#wanted, jobs.length);
    const cores = Math.min(navigator.hardwareConcurrency, jobs.length);
    if (cores < 2) return 1;
    const sizes = await Promise.all(jobs.map(async ({ inputs }) => {
      const paths = Object.values(inputs).flatMap((one) => typeof one === "string" ? [one] : Object.values(one));
      const files = await Promise.all(paths.map(contentBytes));
      return files.reduce((a, b) => a + b, 0);
    }));
    if (sizes.reduce((a, b) => a + b, 0) < WORTHWHILE_BYTES) return 1;
    const needed = WORKER_BYTES + stage.memoryPerInputByte * Math.max(...sizes);
    return Math.max(1, Math.min(cores, Math.floor(MEMORY_SHARE * await availableMemory() / needed)));
  }

  /** Makes one case, in a worker if several are made side by side. */
  async make(
    stage: AnyStage,
    job: CaseJob,
    { width, opened, ...context }: Omit<StageContext, "output"> & { width: number; opened?: unknown },
  ): Promise<void> {
    if (width === 1) return await makeCase(stage, job, { ...context, opened });
    const worker = this.#idle.pop() ?? new CaseWorker();
    try {
      await worker.make(job, context);
    } finally {
      if (worker.isAlive) this.#idle.push(worker);
    }
  }

  /** Ends the workers. */
  [Symbol.dispose](): void {
    for (const worker of this.#idle.splice(0)) worker.end();
  }
}

/** A worker that makes one case at a time. */
class CaseWorker {
  readonly #worker = new Worker(new URL("./local_worker.ts", import.meta.url), { type: "module" });
  /** False once it has failed. */
  isAlive = true;

  async make(job: CaseJob, { signal, progress, warn }: Omit<StageContext, "output">): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const abort = () => this.#tell({ type: "abort" });
    this.#worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      switch (data.type) {
        case "done":
          return resolve();
        case "failed":
          return reject(asError(data.error, job));
        case "warning":
          return warn(data.message);
        case "progress":
          return progress(...data.progress);
      }
    };
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.end();
      reject(new Error(`The worker of case "${job.id}" ended: ${event.message}`));
    };
    signal.addEventListener("abort", abort);
    this.#tell({ type: "make", job });
    try {
      await promise;
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  end(): void {
    this.isAlive = false;
    this.#worker.terminate();
  }

  #tell(message: ToWorker): void {
    this.#worker.postMessage(message);
  }
}

/** The error of a worker, as it would have been thrown here. */
function asError({ name, message, stack, kind, code }: WorkerError, { id }: CaseJob): Error {
  if (kind) return new UserError(kind, message);
  // V8 says so where the system refuses an array; where its own heap is full it ends the process
  const isFull = name === "RangeError" && /allocation failed/.test(message);
  const error = new Error(
    isFull ? `Case "${id}" ran out of memory (${message}): DFDT_WORKERS=1 makes one case at a time` : message,
  );
  return Object.assign(error, { name, stack }, code === undefined ? {} : { code });
}
