import { gpu } from "./adapter.ts";
import { finished } from "./commands.ts";

/** Where an adapter's tiles are kept from process to process: names of tiles by the work that they are for. */
export interface TileStore {
  /** What is known of an adapter. */
  load(adapter: string): Promise<Readonly<Record<string, string>>>;
  /** Milliseconds since any moment: numbers are computed without a look at a clock. */
  clock(): number;
  /** Keeps what was measured now. */
  save(adapter: string, measured: Readonly<Record<string, string>>): Promise<void>;
}

/** Work that can be cut in several ways, on buffers of its own. */
export interface Candidates extends Disposable {
  /** Names of the ways. */
  readonly names: readonly string[];
  /** Encodes the work once, cut in one of the ways. */
  run(way: number): void;
}

/** Every way is timed so often, in turns; the fastest time of each counts. */
const ROUNDS = 4;

/** Milliseconds that a timing should take, the wait for its end included, and how often the work is done for it at most. */
const LONG_MS = 30, MOST_REPEATS = 64;

/** A way has to be so much faster than the first one to be preferred: less is noise. */
const GAIN = 0.97;

let store: TileStore | undefined;
let known: Map<string, string> | undefined;
const undecided = new Map<string, () => Candidates>();

/**
 * Lets `prewarm` measure, once for an adapter and a shape, which tile of a kernel is the fastest. All tiles give the same bits;
 * without a store the first one is taken, which an estimate chose.
 */
export function keepTilesIn(kept: TileStore | undefined): void {
  store = kept;
  known = undefined;
}

/** Reads what the store knows; once is enough. */
export async function loadTiles(): Promise<void> {
  if (store) known ??= new Map(Object.entries(await store.load(gpu().adapterName)));
}

/** The way that was measured to be the fastest for some work; the first one where nothing was measured. */
export function tileOf(work: string, names: readonly string[]): number {
  return Math.max(0, names.indexOf(known?.get(work) ?? names[0]));
}

/** Notes work to be measured, if nothing is known of it. */
export function wantTile(work: string, names: readonly string[], candidates: () => Candidates): boolean {
  if (!known || names.includes(known.get(work)!)) return false;
  undecided.set(work, candidates);
  return true;
}

/** Measures what was noted, and keeps what it finds. */
export async function measureTiles(): Promise<void> {
  if (undecided.size === 0) return;
  const measured: Record<string, string> = {};
  for (const [work, candidates] of undecided) {
    using of = candidates();
    const time = async (way: number, repeats: number) => {
      const start = store!.clock();
      for (let i = 0; i < repeats; i++) of.run(way);
      await finished();
      return store!.clock() - start;
    };
    for (const way of of.names.keys()) await time(way, 1); // compiles
    let repeats = 1;
    while (repeats < MOST_REPEATS && await time(0, repeats) < LONG_MS) repeats *= 2; // what a GPU does in less is noise
    const fastest = of.names.map(() => Infinity);
    for (let round = 0; round < ROUNDS; round++) {
      for (const way of of.names.keys()) fastest[way] = Math.min(fastest[way], await time(way, repeats));
    }
    const best = fastest.indexOf(Math.min(...fastest));
    measured[work] = of.names[fastest[best] < GAIN * fastest[0] ? best : 0];
    known!.set(work, measured[work]);
  }
  undecided.clear();
  await store!.save(gpu().adapterName, measured);
}
