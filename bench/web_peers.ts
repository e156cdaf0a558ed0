import { fileURLToPath } from "node:url";
import { LineProcess } from "./line_process.ts";
import type { Sampler } from "./measure.ts";
import type { WebWork } from "./peers/work.ts";

/** Libraries for the web, each on its own adapter or in WebAssembly (`bench/peers`, with a lock file of its own). */
export const WEB_PEERS = [
  "tfjs WebGPU",
  "tfjs WASM",
  "onnxruntime-web WebGPU",
  "onnxruntime-web WASM",
  "jax-js WebGPU",
  "jax-js WASM",
] as const;

const FOLDER = fileURLToPath(new URL("peers/", import.meta.url));

/** How long a peer may take for a run: the slowest one takes 14 s on a quiet machine. */
const LIMIT_MS = 120_000;

/** A peer with an operator that it has computed once. */
export class WebPeer implements Disposable {
  private constructor(readonly process: LineProcess, readonly values: readonly number[]) {}

  /**
   * Starts a peer and lets it compute an operator once.
   *
   * @throws {Error} that says in a few words why it cannot
   */
  static async start(name: typeof WEB_PEERS[number], work: WebWork): Promise<WebPeer> {
    const args = ["run", "--allow-all", "--no-check", "--quiet", "--config", `${FOLDER}deno.json`, `${FOLDER}main.ts`];
    const process = new LineProcess(name, [Deno.execPath(), ...args, name], { cwd: FOLDER, stderr: "null" });
    try {
      const { values } = await ask(process, work);
      return new WebPeer(process, values!);
    } catch (error) {
      process[Symbol.dispose]();
      throw error;
    }
  }

  /** What times one run. */
  sampler(): Sampler {
    return async () => {
      const { clock, processor } = await ask(this.process, "again");
      return { clock: clock!, processor: processor! };
    };
  }

  /** Ends it. */
  [Symbol.dispose](): void {
    this.process[Symbol.dispose]();
  }
}

interface Answer {
  error?: string;
  values?: number[];
  clock?: number;
  processor?: number;
}

async function ask(process: LineProcess, question: unknown): Promise<Answer> {
  const answer: Answer = JSON.parse(await process.ask(question, { prefix: "answer ", limitMs: LIMIT_MS }));
  if (answer.error !== undefined) throw new Error(answer.error);
  return answer;
}
