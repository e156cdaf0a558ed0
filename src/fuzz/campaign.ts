import { MEBIBYTES, SECONDS } from "./format.ts";
import { formatOf } from "./formats.ts";
import type { FromWorker, ToWorker } from "./worker.ts";

/** An input of which came what never may. */
export interface FoundFault extends ToWorker {
  /** What came of it. */
  fault: string;
}

/** What came of the inputs of a format. */
export interface FormatCount {
  /** Name of the format. */
  format: string;
  /** Inputs that were read. */
  inputs: number;
  /** Those of which a result came that agrees with its data. */
  taken: number;
  /** Those that were refused in our words. */
  refused: number;
  /** The others. */
  faults: FoundFault[];
  /** Seconds that all took. */
  seconds: number;
  /** The longest that one took, in seconds. */
  slowest: number;
}

/** Milliseconds between two looks at memory and clock. */
const LOOK_MS = 50;

/** Inputs after which a worker is replaced, so that what a library keeps does not count against later ones. */
const INPUTS_PER_WORKER = 5000;

/** Reads inputs one after the other in a worker, which is replaced when it exceeds its time or memory, or dies. */
export class FuzzCampaign implements Disposable {
  readonly #patience: number;
  #worker: Worker | undefined;
  #read = 0;

  /** @param patience how many times the seconds of a format one input may take, where others share the machine */
  constructor(patience = 1) {
    this.#patience = patience;
  }

  /** Reads mutated inputs of a format; those of one seed are the same on every machine. */
  async run(
    format: string,
    { count, seed, first = 0 }: { count: number; seed: number; first?: number },
    onProgress: (done: number) => void = () => {},
  ): Promise<FormatCount> {
    const result: FormatCount = { format, inputs: 0, taken: 0, refused: 0, faults: [], seconds: 0, slowest: 0 };
    const began = performance.now();
    for (let index = first; index < first + count; index++) {
      const input = { format, seed, index };
      const start = performance.now();
      const answer = await this.read(input);
      result.slowest = Math.max(result.slowest, (performance.now() - start) / 1000);
      result.inputs++;
      if ("fault" in answer) result.faults.push({ ...input, fault: answer.fault });
      else result[answer.outcome]++;
      onProgress(result.inputs);
    }
    return { ...result, seconds: (performance.now() - began) / 1000 };
  }

  /** Reads one input. */
  async read(input: ToWorker): Promise<FromWorker> {
    if (this.#read++ % INPUTS_PER_WORKER === 0) this.#end();
    const worker = await this.#ready();
    const { promise, resolve } = Promise.withResolvers<FromWorker>();
    const giveUp = (fault: string) => {
      this.#end();
      resolve({ fault });
    };
    const limit = 1000 * this.#patience * (formatOf(input.format).seconds ?? SECONDS);
    const start = performance.now(), before = Deno.memoryUsage().rss;
    const look = setInterval(() => {
      const grown = (Deno.memoryUsage().rss - before) / 2 ** 20;
      if (grown > MEBIBYTES) giveUp(`it took ${Math.round(grown)} MiB of memory`);
      else if (performance.now() - start > limit) giveUp(`it took more than ${limit / 1000} s`);
    }, LOOK_MS);
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => resolve(data);
    worker.onerror = (event) => {
      event.preventDefault();
      giveUp(`an exception that nobody caught: ${event.message}`);
    };
    worker.postMessage(input);
    const answer = await promise;
    clearInterval(look);
    return answer;
  }

  /** Ends the worker. */
  [Symbol.dispose](): void {
    this.#end();
  }

  async #ready(): Promise<Worker> {
    if (this.#worker) return this.#worker;
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    await new Promise<void>((resolve, reject) => {
      worker.onmessage = () => resolve();
      worker.onerror = (event) => reject(new Error(`The worker did not start: ${event.message}`));
    });
    return this.#worker = worker;
  }

  #end(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
  }
}
