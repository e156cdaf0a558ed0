import { viewerBytes, type ViewerCase } from "./viewer_volume.ts";

/**
 * Shares the room of a page among the cases, which come the worst first: as many as fit get a viewer, at half the resolution
 * if all would not fit otherwise; then the worst get the full one. So the best lose it first.
 */
export class ViewerSpace {
  readonly #cases: { coarse: ViewerCase; fine?: ViewerCase }[] = [];
  readonly #bytes: number;
  #coarseBytes = 0;
  #fineBytes = 0;
  #isFull = false;

  /** @param bytes of the page that viewers may take */
  constructor(bytes: number) {
    this.#bytes = bytes;
  }

  /** The next case, which is better than those before it. */
  offer(make: (coarseness: 1 | 2) => ViewerCase): void {
    if (this.#isFull) return;
    const coarse = make(2);
    this.#coarseBytes += viewerBytes(coarse);
    this.#isFull = this.#coarseBytes > this.#bytes;
    if (this.#isFull) {
      this.#coarseBytes -= viewerBytes(coarse);
      return;
    }
    // beyond the room, one that is fine can never be chosen
    const fine = this.#fineBytes <= this.#bytes ? make(1) : undefined;
    if (fine) this.#fineBytes += viewerBytes(fine);
    this.#cases.push({ coarse, fine });
  }

  /** What every case gets, in their order; nothing for those at the end. */
  assign(): ViewerCase[] {
    let left = this.#bytes - this.#coarseBytes;
    let isOver = false;
    return this.#cases.map(({ coarse, fine }) => {
      const more = fine ? viewerBytes(fine) - viewerBytes(coarse) : Infinity;
      isOver ||= more > left;
      if (isOver) return coarse;
      left -= more;
      return fine!;
    });
  }
}
