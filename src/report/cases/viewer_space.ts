import { viewerBytes, type ViewerCase } from "./viewer_volume.ts";

/**
 * Shares the room of a page among the cases, which come the worst first: as many as fit get a viewer, at half the resolution
 * if all would not fit otherwise; then the worst get the full one. So the best lose it first.
 */
export class ViewerSpace {
  readonly #cases: { coarse: ViewerCase; fine?: ViewerCase }[] = [];
  readonly #most: number;
  #coarseBytes = 0;
  #fineBytes = 0;

  /** @param most bytes that viewers may take, however small the rest of the page is: nothing is kept beyond */
  constructor(most: number) {
    this.#most = most;
  }

  /** The next case, which is better than those before it. */
  offer({ make }: { make(coarseness: 1 | 2): ViewerCase }): void {
    if (this.#coarseBytes > this.#most) return;
    const coarse = make(2);
    this.#coarseBytes += viewerBytes(coarse);
    // beyond the room, one that is fine can never be chosen
    const fine = this.#fineBytes <= this.#most ? make(1) : undefined;
    if (fine) this.#fineBytes += viewerBytes(fine);
    this.#cases.push({ coarse, fine });
  }

  /**
   * What every case gets, in their order; nothing for those at the end.
   *
   * @param bytes that viewers may take
   */
  assign(bytes: number): ViewerCase[] {
    const shown: { coarse: ViewerCase; fine?: ViewerCase }[] = [];
    let left = bytes;
    for (const one of this.#cases) {
      left -= viewerBytes(one.coarse);
      if (left < 0) {
        left += viewerBytes(one.coarse);
        break;
      }
      shown.push(one);
    }
    let isOver = false;
    return shown.map(({ coarse, fine }) => {
      const more = fine ? viewerBytes(fine) - viewerBytes(coarse) : Infinity;
      isOver ||= more > left;
      if (isOver) return coarse;
      left -= more;
      return fine!;
    });
  }
}
