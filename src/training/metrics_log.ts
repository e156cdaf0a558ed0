import { dirname, join } from "node:path";
import { makeFolder, openOrMake, syncFile, writeFile } from "../disk.ts";
import { EVENT_FILE, scalarsRecord, versionRecord } from "./tensorboard.ts";

const NEWLINE = "\n".charCodeAt(0);

type Line = Readonly<Record<string, unknown>>;

/**
 * `metrics.jsonl`: one line a step (docs/file-formats.md, "`metrics.jsonl`"), and the same for TensorBoard. The event
 * file follows from the lines alone, so whatever becomes of a run it is made again from them.
 */
export class MetricsLog {
  readonly #path: string;
  readonly #events: string;
  readonly #tags: readonly { name: string; tag?: string }[];

  /**
   * @param dir folder of the log
   * @param tags names in TensorBoard by keys of a line; what has none, as the time, which differs between equal runs, is left out
   */
  constructor(dir: string, tags: readonly { name: string; tag?: string }[]) {
    this.#tags = tags;
    this.#path = join(dir, "metrics.jsonl");
    this.#events = join(dir, EVENT_FILE);
  }

  /**
   * Cuts the log back to the steps up to `step`, those that a snapshot knows of; makes an empty one if there is none.
   *
   * The file of lines is only ever shortened, never written anew: a run that is killed here loses no line that it still
   * needs.
   */
  async cutBack(step: number): Promise<void> {
    using file = await openOrMake(this.#path, "truncate");
    const bytes = await Deno.readFile(this.#path);
    const kept = lengthUpTo(bytes, step);
    await file.truncate(kept);
    const lines = new TextDecoder().decode(bytes.subarray(0, kept)).split("\n").slice(0, -1);
    await makeFolder(dirname(this.#events));
    await writeFile(this.#events, versionRecord());
    await this.#appendEvents(lines.map((line) => JSON.parse(line)));
  }

  /** Appends lines. */
  async append(lines: readonly Line[]): Promise<void> {
    await writeFile(this.#path, lines.map((line) => JSON.stringify(line) + "\n").join(""), { append: true });
    await this.#appendEvents(lines);
  }

  async #appendEvents(lines: readonly Line[]): Promise<void> {
    const records = new Blob(lines.map((line) => scalarsRecord(Number(line.step), this.#scalarsOf(line))));
    await writeFile(this.#events, await records.bytes(), { append: true });
  }

  #scalarsOf(line: Line): Record<string, number> {
    const found = this.#tags.filter(({ name, tag }) => tag !== undefined && typeof line[name] === "number");
    return Object.fromEntries(found.map(({ name, tag }) => [tag!, line[name] as number]));
  }

  /** Waits until all lines are on the disk, so that a snapshot never knows of a step that the log has lost. */
  async flush(): Promise<void> {
    await syncFile(this.#path);
  }
}

/** Bytes of the whole lines of the steps up to `step`, one each: the last line of a killed run may be cut off. */
function lengthUpTo(bytes: Uint8Array, step: number): number {
  let kept = 0, before = 0;
  for (;;) {
    const end = bytes.indexOf(NEWLINE, kept);
    if (end < 0) return kept;
    const found = stepOf(new TextDecoder().decode(bytes.subarray(kept, end)));
    if (found === undefined || found <= before || found > step) return kept;
    before = found;
    kept = end + 1;
  }
}

/** The step of a line that we wrote; `undefined` for any other. */
function stepOf(line: string): number | undefined {
  try {
    const value: unknown = JSON.parse(line);
    const step = typeof value === "object" && value !== null && "step" in value ? value.step : undefined;
    return typeof step === "number" && Number.isSafeInteger(step) ? step : undefined;
  } catch {
    return undefined;
  }
}
