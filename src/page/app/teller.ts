import { faultInWords, needsRestart } from "./words.ts";
import type { PageFault } from "./worker_line.ts";

/** Something to tell. */
export interface Notice {
  /** How bad it is. */
  kind: "info" | "warning" | "error";
  /** In words. */
  text: string;
}

/** Tells what there is to tell, and that something changed. */
export class Teller {
  notices: Notice[] = [];
  /** What it is busy with, in words. */
  busy: string | undefined = "Opening";
  /** Whether computing has to be started again. */
  isLost = false;
  #before: Promise<unknown> = Promise.resolve();
  readonly #listeners = new Set<() => void>();

  /** Calls a function whenever something changes. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  changed(): void {
    for (const listener of this.#listeners) listener();
  }

  tell(kind: Notice["kind"], text: string): void {
    if (this.notices.some((one) => one.text === text)) return;
    this.notices = [...this.notices, { kind, text }];
    this.changed();
  }

  dismiss(notice: Notice): void {
    this.notices = this.notices.filter((one) => one !== notice);
    this.changed();
  }

  warn(text: string): void {
    this.tell("warning", text);
  }

  /** Does something that takes a while, after what was begun before, and tells why where it cannot be done. */
  doing<T>(what: string, body: () => Promise<T>): Promise<T | undefined> {
    const done = this.#before.then(async () => {
      this.busy = what;
      this.changed();
      try {
        return await body();
      } catch (error) {
        this.fail(error);
        return undefined;
      } finally {
        this.busy = undefined;
        this.changed();
      }
    });
    this.#before = done;
    return done;
  }

  /** Tells why something could not be done, and what to do. */
  fail(error: unknown): void {
    if (needsRestart(error)) this.isLost = true;
    const isCancelled = (error as PageFault).kind === "cancelled";
    this.tell(isCancelled ? "info" : "error", faultInWords(error));
  }
}
