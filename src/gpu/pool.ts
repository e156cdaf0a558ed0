import { submit } from "./commands.ts";
import { inMode, mode } from "./mode.ts";

/** Bytes on the GPU. */
export interface MemoryUse {
  /** In use now. */
  inUse: number;
  /** The most that was in use at once. */
  peak: number;
  /** In use or waiting for reuse: what the process takes of the adapter's memory. */
  allocated: number;
  /** The most that was allocated at once. */
  allocatedPeak: number;
}

/**
 * How much larger than asked for a thing may be, and from how many bytes on. Below, lending saves little, and steps would
 * not settle on the same buffers: every new combination costs a bind group.
 */
const LARGEST_SHARE = 1.5, LENT_FROM = 4 * 2 ** 20;

/**
 * How much may be allocated before something that waits for reuse is freed for something new: a share of the peak in use,
 * and never less than a gibibyte, under which making anew costs more than it saves. A step of the paper's network comes to
 * 1.17 of its peak; below that it makes and frees 280 buffers and textures, and 1,400 bind groups, at every step.
 */
const ALLOCATED_SHARE = 1.2, ALLOCATED_FLOOR = 2 ** 30;

let use: MemoryUse = { inUse: 0, peak: 0, allocated: 0, allocatedPeak: 0 };
let clock = 0;
const pools: Pool<unknown>[] = [];
const setAside: (() => () => void)[] = [];
const letGo: (() => void)[] = [];

/** Registers state that {@link countMemory} is to find empty; `begin` sets it aside and returns what puts it back. */
export function whenCounting(begin: () => () => void): void {
  setAside.push(begin);
}

/** Registers what gives back things that are kept in case that they are wanted again; {@link freeAllIdle} calls it. */
export function whenFreeing(give: () => void): void {
  letGo.push(give);
}

/** What a pool keeps. */
export interface PoolOptions<T> {
  /** Bytes of a thing of size 1. */
  unit: number;
  /** Makes a thing of a size. */
  create(size: number): T;
  /** Frees one for good. */
  destroy(thing: T): void;
}

/** Things that are used again, by size. Reuse is deterministic: the last one given back of a size goes out first. */
export class Pool<T> {
  #free = new Map<number, { thing: T; since: number }[]>();
  readonly #serials = new Map<T, number>();

  /** Starts empty. */
  constructor(readonly options: PoolOptions<T>) {
    pools.push(this as Pool<unknown>);
    whenCounting(() => this.setAside());
  }

  /**
   * Takes a thing of at least a size: of exactly it, or else the next larger that is free and not much larger.
   *
   * @returns the thing, and its size, with which it is to be given back
   */
  take(size: number): { thing: T; size: number } {
    const fitting = this.#free.get(size)?.length ? size : this.#larger(size);
    const found = fitting === undefined ? undefined : this.#free.get(fitting)!.pop();
    const taken = { thing: found ? found.thing : this.#create(size), size: fitting ?? size };
    use.inUse += taken.size * this.options.unit;
    use.peak = Math.max(use.peak, use.inUse);
    return taken;
  }

  /** Gives back a thing of a size. */
  give(size: number, thing: T): void {
    use.inUse -= size * this.options.unit;
    const entry = { thing, since: clock++ };
    const list = this.#free.get(size);
    if (list) list.push(entry);
    else this.#free.set(size, [entry]);
  }

  /** Starts empty; the result puts back what was there. */
  setAside(): () => void {
    const free = this.#free;
    this.#free = new Map();
    return () => {
      this.#free = free;
    };
  }

  /** Puts what is free in the order in which it was made. */
  settle(): void {
    for (const list of this.#free.values()) {
      list.sort((a, b) => this.#serials.get(b.thing)! - this.#serials.get(a.thing)!);
    }
  }

  /** When the thing that waits longest was given back, and how to free it; `undefined` where none waits. */
  oldest(): { since: number; destroy: () => void } | undefined {
    let found: { since: number; size: number; position: number } | undefined;
    for (const [size, list] of this.#free) {
      for (const [position, { since }] of list.entries()) {
        if (!found || since < found.since) found = { since, size, position };
      }
    }
    if (!found) return undefined;
    const { since, size, position } = found;
    const destroy = () => {
      use.allocated -= size * this.options.unit;
      const [{ thing }] = this.#free.get(size)!.splice(position, 1);
      this.#serials.delete(thing);
      if (mode() !== "count") this.options.destroy(thing);
    };
    return { since, destroy };
  }

  #create(size: number): T {
    freeIdle(size * this.options.unit);
    use.allocated += size * this.options.unit;
    use.allocatedPeak = Math.max(use.allocatedPeak, use.allocated);
    const thing = this.options.create(size);
    this.#serials.set(thing, clock++);
    return thing;
  }

  #larger(size: number): number | undefined {
    if (size * this.options.unit < LENT_FROM) return undefined;
    let best: number | undefined;
    for (const [other, { length }] of this.#free) {
      if (length > 0 && other > size && other <= LARGEST_SHARE * size && !(best !== undefined && best < other)) {
        best = other;
      }
    }
    return best;
  }
}

/** Frees what waits longest for reuse, of all pools, until there is room for so many new bytes. */
function freeIdle(bytes: number): void {
  const limit = Math.max(ALLOCATED_FLOOR, ALLOCATED_SHARE * Math.max(use.peak, use.inUse + bytes));
  freeDownTo(limit - bytes);
}

/**
 * Begins work that repeats, such as a training step: equal steps then take equal buffers, so that their bind groups are
 * made once.
 */
export function settlePools(): void {
  for (const pool of pools) pool.settle();
}

/** Frees all that waits for reuse, for work of other sizes. */
export function freeAllIdle(): void {
  for (const give of letGo) give();
  freeDownTo(use.inUse);
}

function freeDownTo(limit: number): void {
  let submitted = false;
  while (use.allocated > limit) {
    const oldest = pools.flatMap((pool) => pool.oldest() ?? []).sort((a, b) => a.since - b.since)[0];
    if (!oldest) return;
    if (!submitted && mode() !== "count") submit(); // what is encoded may still use it
    submitted = true;
    oldest.destroy();
  }
}

/** Bytes in use and allocated, now and at peak. */
export function memoryUse(): Readonly<MemoryUse> {
  return { ...use };
}

/** Starts a new measurement of the peaks. */
export function resetPeakMemory(): void {
  use.peak = use.inUse;
  use.allocatedPeak = use.allocated;
}

/**
 * Counts what `body` would take if it ran on an empty device, without allocating any of it.
 *
 * @param body frees what it takes, or forgets it
 */
export function countMemory(body: () => void): MemoryUse {
  const outer = use;
  const restore = setAside.map((begin) => begin());
  use = { inUse: 0, peak: 0, allocated: 0, allocatedPeak: 0 };
  try {
    inMode("count", body);
    return use;
  } finally {
    use = outer;
    for (const putBack of restore) putBack();
  }
}
