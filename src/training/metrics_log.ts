import { open } from "node:fs/promises";
import { join } from "node:path";

const NEWLINE = "\n".charCodeAt(0);

/** `metrics.jsonl`: one line a step (contract, artifacts). */
export class MetricsLog {
  readonly #path: string;

  /** @param dir folder of the log */
  constructor(dir: string) {
    this.#path = join(dir, "metrics.jsonl");
  }

  /**
   * Cuts the log back to the steps up to `step`, those that a snapshot knows of; makes an empty one if there is none.
   *
   * The file is only ever shortened, never written anew: a run that is killed here loses no line that it still needs.
   */
  async cutBack(step: number): Promise<void> {
    using file = await Deno.open(this.#path, { read: true, write: true, create: true });
    await file.truncate(lengthUpTo(await Deno.readFile(this.#path), step));
  }

  /** Appends lines. */
  async append(lines: readonly object[]): Promise<void> {
    await Deno.writeTextFile(this.#path, lines.map((line) => JSON.stringify(line) + "\n").join(""), { append: true });
  }

  /** Waits until all lines are on the disk, so that a snapshot never knows of a step that the log has lost. */
  async flush(): Promise<void> {
    const file = await open(this.#path, "r+");
    await file.sync();
    await file.close();
  }
}

/** Bytes of the whole lines of the steps up to `step`: the last line of a killed run may be cut off. */
function lengthUpTo(bytes: Uint8Array, step: number): number {
  let kept = 0;
  for (;;) {
    const end = bytes.indexOf(NEWLINE, kept);
    if (end < 0 || !isUpTo(new TextDecoder().decode(bytes.subarray(kept, end)), step)) return kept;
    kept = end + 1;
  }
}

function isUpTo(line: string, step: number): boolean {
  try {
    return JSON.parse(line).step <= step;
  } catch {
    return false;
  }
}
