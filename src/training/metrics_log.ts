import { join } from "node:path";

/** `metrics.jsonl`: one line a step (contract, artifacts). */
export class MetricsLog {
  readonly #path: string;

  /** @param dir folder of the log */
  constructor(dir: string) {
    this.#path = join(dir, "metrics.jsonl");
  }

  /** Cuts the log back to the steps up to `step`, those that a snapshot knows of. */
  async cutBack(step: number): Promise<void> {
    const text = await Deno.readTextFile(this.#path).catch(() => "");
    const kept = text.split("\n").filter((line) => {
      try {
        return JSON.parse(line).step <= step;
      } catch {
        return false; // the last line of a killed run may be cut off
      }
    });
    await Deno.writeTextFile(this.#path, kept.map((line) => line + "\n").join(""));
  }

  /** Appends lines. */
  async append(lines: readonly object[]): Promise<void> {
    await Deno.writeTextFile(this.#path, lines.map((line) => JSON.stringify(line) + "\n").join(""), { append: true });
  }
}
