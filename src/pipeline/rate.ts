/** Seconds of the past that a rate is taken from: what went before (compiling, a cached case) says little of what comes. */
const WINDOW_SECONDS = 60;

/** How fast something advances, from counts reported at times. */
export class Rate {
  readonly #marks: { seconds: number; done: number }[] = [];

  /**
   * @param seconds now, on any clock
   * @param done how much is done
   * @returns how much is done in a second, over the last minute; 0 where that cannot be said yet
   */
  update(seconds: number, done: number): number {
    this.#marks.push({ seconds, done });
    while (this.#marks.length > 2 && this.#marks[1].seconds <= seconds - WINDOW_SECONDS) this.#marks.shift();
    const [first] = this.#marks;
    return seconds > first.seconds ? (done - first.done) / (seconds - first.seconds) : 0;
  }
}
