import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Random } from "../random.ts";
import { Fault, type Outcome } from "./format.ts";
import { formatOf } from "./formats.ts";

/** What a worker is told: an input by what made it, or one that is given. */
export interface ToWorker {
  /** Name of the format. */
  format: string;
  /** Names the draws. */
  seed: number;
  /** Number of the input, from 0. */
  index: number;
  /** The file itself, in place of a mutated one. */
  bytes?: Uint8Array<ArrayBuffer>;
}

/** What it answers. */
export type FromWorker = { outcome: Outcome } | { fault: string };

/** What a dedicated worker has of its global scope; the project's types are those of the main thread. */
const scope = globalThis as unknown as {
  postMessage(message: FromWorker | "ready"): void;
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
};

/** A mutated file, the same for the same numbers. */
export async function fuzzInput({ format, seed, index }: ToWorker): Promise<Uint8Array<ArrayBuffer>> {
  const { seeds, mutate } = formatOf(format);
  const random = new Random(seed, "fuzz", format, index);
  const files = await seeds();
  return await mutate(random.pick(files), random);
}

/** Reads one input in a folder of its own. */
async function readOne(input: ToWorker): Promise<FromWorker> {
  const dir = await mkdtemp(join(tmpdir(), "dfdt-fuzz-"));
  try {
    return { outcome: await formatOf(input.format).check(input.bytes ?? await fuzzInput(input), dir) };
  } catch (error) {
    if (error instanceof Fault) return { fault: error.message };
    return { fault: error instanceof Error ? error.stack ?? error.message : `a foreign ${typeof error}: ${error}` };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

if (scope.postMessage !== undefined && !("document" in globalThis) && "WorkerGlobalScope" in globalThis) {
  scope.onmessage = async ({ data }) => scope.postMessage(await readOne(data));
  const tell = (event: Event, error: unknown) => {
    event.preventDefault();
    scope.postMessage({ fault: `an exception that nobody caught: ${error instanceof Error ? error.message : error}` });
  };
  addEventListener("error", (event) => tell(event, event.error));
  addEventListener("unhandledrejection", (event) => tell(event, event.reason));
  scope.postMessage("ready");
}
