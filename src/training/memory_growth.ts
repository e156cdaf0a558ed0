/** Resident bytes of the process after a step. */
interface Measure {
  step: number;
  resident: number;
}

/** A process whose resident memory grows with every step. */
export interface Growth {
  /** Bytes a step. */
  bytesPerStep: number;
  /** Where it was measured from. */
  from: Measure;
  /** And to. */
  to: Measure;
}

/** From so many bytes a step on somebody is told: 40,000 steps then take 4 GiB. */
const TOLD_FROM = 0.1 * 2 ** 20;

/**
 * Steps that do not count, in which caches fill, and the least that must have grown: the garbage collector lets a flat process
 * swing by up to 40 MiB.
 */
const WARM_UP_STEPS = 20, LEAST_GROWTH = 64 * 2 ** 20;

/** How many measures are needed and kept. */
const LEAST_MEASURES = 8, MOST_MEASURES = 512;

/**
 * Watches whether the memory of the process grows with every step, as it does where a driver keeps something of every dispatch
 * (docs/decisions.md, "No branch on a uniform alone"). It tells once.
 */
export class MemoryGrowth {
  #measures: Measure[] = [];
  readonly #start: number;
  readonly #least: number;
  #told = false;

  /**
   * @param start step after which the process began to train
   * @param slack bytes that may come once, such as the copies of which a snapshot is made
   */
  constructor(start: number, slack = 0) {
    this.#start = start;
    this.#least = LEAST_GROWTH + slack;
  }

  /**
   * Takes a measure.
   *
   * @param resident bytes of the process now
   * @returns the growth, the first time that it is seen
   */
  update(step: number, resident: number): Growth | undefined {
    if (this.#told || step - this.#start <= WARM_UP_STEPS) return undefined;
    this.#measures.push({ step, resident });
    if (this.#measures.length > MOST_MEASURES) this.#measures = this.#measures.filter((_, i) => i % 2 === 0);
    const { length } = this.#measures;
    if (length < LEAST_MEASURES) return undefined;
    const quarter = Math.floor(length / 4); // of each the smallest, so that no swing counts
    const smallest = (some: Measure[]) => some.reduce((a, b) => b.resident < a.resident ? b : a);
    const from = smallest(this.#measures.slice(0, quarter)), to = smallest(this.#measures.slice(-quarter));
    const grown = to.resident - from.resident;
    const bytesPerStep = grown / (to.step - from.step);
    if (grown < this.#least || bytesPerStep < TOLD_FROM) return undefined;
    this.#told = true;
    return { bytesPerStep, from, to };
  }
}
