/// <reference lib="dom" />
import type { Keep, KeptSession } from "./keep.ts";
import type { SessionScan } from "./scan.ts";

/** How long nothing is done before it is kept, in ms. */
const KEEP_AFTER = 400;

/** Keeps what a user does, a moment after it is done. */
export class Keeping {
  #later: ReturnType<typeof setTimeout> | undefined;
  #touched = new Set<SessionScan>();

  /**
   * @param session what is kept beside the scans
   * @param onFull told why something could not be kept
   */
  constructor(readonly keep: Keep, readonly session: () => KeptSession, readonly onFull: (why: string) => void) {}

  /** Keeps it soon, with what was done to a scan. */
  soon(scan?: SessionScan): void {
    if (scan) this.#touched.add(scan);
    clearTimeout(this.#later);
    this.#later = setTimeout(() => this.#now(), KEEP_AFTER);
  }

  /** A scan is gone, or all are. */
  forget(scan?: SessionScan): void {
    if (scan) this.#touched.delete(scan);
    else {
      clearTimeout(this.#later);
      this.#touched.clear();
    }
  }

  async #now(): Promise<void> {
    if (!this.keep.isOpen) return;
    const touched = [...this.#touched];
    this.#touched.clear();
    try {
      for (const { id, labels, fileSlices, examples, corrected, result } of touched) {
        const slices = { examples: [...examples], corrected: [...corrected], fileSlices: [...fileSlices] };
        await this.keep.keepWork({ id, labels, result, ...slices });
      }
      await this.keep.keepSession(this.session());
    } catch (error) {
      this.onFull((error as Error).message);
    }
  }
}
