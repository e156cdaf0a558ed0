import { UserError } from "../../errors.ts";
import { availableMemory } from "../../available_memory.ts";
import type { PipelineEvent } from "../events.ts";
import type { Node } from "../graph.ts";
import { Interrupted } from "../stage.ts";
import { contentBytes } from "./content_bytes.ts";

/** Makes artifacts in processes of their own, several side by side. */
export interface Processes {
  /**
   * How many artifacts of such a node are to be made side by side.
   *
   * @param about.inputs paths of its input files
   * @param about.count how many nodes there are of its stage
   */
  width(node: Node, about: { inputs: InputPaths; count: number }): Promise<number>;
  /** Makes one, and tells of it as if it were made here. */
  make(node: Node, work: ProcessWork): Promise<void>;
}

/** Paths of input files, by input and, where an input has many, by name. */
export type InputPaths = Record<string, string | Record<string, string>>;

/** What a process is told, and whom it tells. */
export interface ProcessWork {
  /** Whether it is made although it is there. */
  forced: boolean;
  /** Aborted when the user interrupts. */
  signal: AbortSignal;
  /** Is told of the stage's events. */
  told(event: PipelineEvent): void;
}

/** How processes are started. */
export interface ProcessOptions {
  /** Program and arguments of the command that makes a node's artifact. */
  commandOf(node: Node, forced: boolean): readonly string[];
  /** How many side by side at most; memory and cores decide unless given. */
  wanted?: number;
  /** Bytes that may be taken of the adapter's own memory: any number where it works in the machine's, `undefined` if unknown. */
  adapterMemory(): number | undefined;
}

/** What a process takes beside its tensors and volumes: the runtime and the driver. */
const PROCESS_BYTES = 600 * 2 ** 20;

/** Volumes of bytes become floats, and are standardised. */
const MEMORY_PER_INPUT_BYTE = 6;

/** Share of the available memory that may be filled: the rest is for the file cache and for wrong estimates. */
const MEMORY_SHARE = 0.7;

/** Starts the command that a person would type for an artifact, several side by side. */
export class ChildProcesses implements Processes {
  readonly #options: ProcessOptions;
  #width: number | undefined;

  /** @param options how they are started */
  constructor(options: ProcessOptions) {
    this.#options = options;
  }

  /** Decided by the first node that knows what it takes; the others are as large. */
  async width({ stage, params }: Node, { inputs, count }: { inputs: InputPaths; count: number }): Promise<number> {
    const { wanted } = this.#options;
    if (count < 2) return 1;
    if (wanted !== undefined) return Math.min(wanted, count);
    if (this.#width === undefined && stage.adapterBytes) {
      this.#width = await this.#fitting(stage.adapterBytes(params), inputs);
    }
    return Math.min(this.#width ?? 1, count);
  }

  /** @param tensors bytes on the adapter of one of them */
  async #fitting(tensors: number, inputs: InputPaths): Promise<number> {
    const adapterMemory = this.#options.adapterMemory();
    if (adapterMemory === undefined) return 1;
    const paths = Object.values(inputs).flatMap((input) => typeof input === "string" ? [input] : Object.values(input));
    const sizes = await Promise.all(paths.map(contentBytes));
    const volumes = MEMORY_PER_INPUT_BYTE * sizes.reduce((a, b) => a + b, 0);
    const inMemory = Math.floor(MEMORY_SHARE * await availableMemory() / (PROCESS_BYTES + volumes + tensors));
    const onAdapter = Math.floor(MEMORY_SHARE * adapterMemory / tensors);
    return Math.max(1, Math.min(navigator.hardwareConcurrency, inMemory, onAdapter));
  }

  /** Makes an artifact: the process ends with 0, or its error is thrown here. */
  async make(node: Node, { forced, signal, told }: ProcessWork): Promise<void> {
    const [program, ...args] = this.#options.commandOf(node, forced);
    const child = new Deno.Command(program, {
      args,
      env: { DFDT_PARENT: String(Deno.pid) },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const interrupt = () => kill(child);
    signal.addEventListener("abort", interrupt);
    if (signal.aborted) interrupt();
    const stderr = new Response(child.stderr).text();
    let ending: PipelineEvent | undefined;
    let text = "";
    for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (text + chunk).split("\n");
      text = lines.pop()!;
      for (const line of lines) {
        const event = JSON.parse(line) as PipelineEvent;
        if (event.event === "error" || event.results) ending = event;
        else if (event.stage === node.stage.name && event.event !== "plan") told(event);
      }
    }
    const { code, signal: killedBy } = await child.status;
    signal.removeEventListener("abort", interrupt);
    const wentOn = code === 1 && ending?.event === "done"; // without cases that may be left out
    if (code !== 0 && !wentOn) throw errorOf({ code, killedBy, message: ending?.message, stderr: await stderr });
    await stderr;
  }
}

function kill(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGTERM");
  } catch {
    // it has ended already
  }
}

/** The error of a process, as it would have been thrown here. */
function errorOf(
  { code, killedBy, message, stderr }: {
    code: number;
    killedBy: string | null;
    message: string | undefined;
    stderr: string;
  },
): Error {
  const told = message?.replace(/^Stage "[^"]*" failed: /, "") ??
    (stderr.trim().split("\n").at(-1) || "no word of why");
  if (killedBy) return new Error(`its process was ended by ${killedBy}`);
  if (code === 130) return new Interrupted(told);
  if (code === 2 || code === 3) return new UserError(code === 3 ? "adapter" : "data", told);
  return new Error(told);
}
