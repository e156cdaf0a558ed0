import { slicePlan } from "../fewshot/support_choice.ts";
import { EncodedSlices } from "../inference/encoded_slices.ts";
import { MeanForeground } from "../inference/mean_foreground.ts";
import { foregroundOfSlices } from "../inference/segmenter.ts";
import type { ModelClass } from "./model_facts.ts";
import type { PreparedSupport, SupportSet } from "./support_set.ts";

/** What the network sees of a class in a query, before the recipe is undone; 0 in slices that were not looked at. */
export interface ClassForeground extends ModelClass {
  /** Foreground probability of every voxel of the network's grid, x fastest. */
  mean: Float32Array<ArrayBuffer>;
  /** Standard deviation of the probability between all support slices of all shots; none if there is only one. */
  deviation?: Float32Array<ArrayBuffer>;
}

/** How a query is looked at. */
export interface QueryOptions {
  /** Slices of the network's grid that are looked at, ascending; all unless given. */
  wanted?: readonly number[];
  /** Told after every few slices; `total` counts a slice again for every group of classes. */
  onSlices?: (done: number, total: number) => void;
  /** Slices that are encoded once for all classes of a group, after which `onSlices` is told; the same result whatever it is. */
  slicesAtATime?: number;
  /** Ends it with its reason, between a few slices. */
  signal?: AbortSignal;
}

/** Slices at a time unless it is said: so many features fit beside a network of the published size. */
const BLOCK = 24;

/** Most memory that the results of a group of classes take, in bytes. */
const GROUP_BYTES = 2 ** 29;

/**
 * Looks for the classes of supports in the slices of a query: which support slice serves which query slice, and how shots are
 * averaged, is as in the test (docs/command-line.md, "The `volume` protocol"), to the bit.
 *
 * @param slices standardised, `[H · W]` each
 * @returns the classes in order
 */
export async function* foregroundOfQuery(
  { model: { network }, supports, classes }: SupportSet,
  slices: readonly Float32Array<ArrayBuffer>[],
  { wanted = [...slices.keys()], onSlices = () => {}, slicesAtATime = BLOCK, signal }: QueryOptions = {},
): AsyncGenerator<ClassForeground> {
  const area = network.configuration.image ** 2;
  const groupSize = Math.max(1, Math.floor(GROUP_BYTES / (2 * 4 * area * slices.length)));
  const groups = Array.from(
    { length: Math.ceil(classes.length / groupSize) },
    (_, i) => classes.slice(i * groupSize, (i + 1) * groupSize),
  );
  const total = groups.length * wanted.length;
  let done = 0;
  for (const group of groups) {
    const found = group.map((one) => new FoundClass(one, supports, { wanted, area, depth: slices.length }));
    for (let first = 0; first < wanted.length; first += slicesAtATime) {
      const block = wanted.slice(first, first + slicesAtATime);
      using queries = new EncodedSlices(network);
      for (const one of found) {
        signal?.throwIfAborted();
        await one.look(
          block,
          slices,
          (support, from, images) => foregroundOfSlices(network, from, images, { support: support.encoded, queries }),
        );
      }
      onSlices(done += block.length, total);
    }
    for (const one of found) yield one.result;
  }
}

type Segment = (
  support: PreparedSupport,
  from: { image: Float32Array<ArrayBuffer>; mask: Float32Array<ArrayBuffer> },
  images: readonly Float32Array<ArrayBuffer>[],
) => Promise<Float32Array<ArrayBuffer>[]>;

/** A class that is being looked for. */
class FoundClass {
  readonly result: ClassForeground;
  readonly #area: number;
  /** Of every support that shows it: which of its slices serve which of the query's, and which would count beside. */
  readonly #plans: { support: PreparedSupport; servedBy: Map<number, number>; all: number[] }[];

  constructor(
    readonly about: ModelClass,
    supports: readonly PreparedSupport[],
    { wanted, area, depth }: { wanted: readonly number[]; area: number; depth: number },
  ) {
    this.#area = area;
    this.#plans = supports.flatMap((support) => {
      const shown = support.shown.get(about.value)!;
      if (shown.length === 0) return []; // another shot shows it
      const chunks = slicePlan(shown, wanted);
      const servedBy = new Map(chunks.flatMap((chunk) => chunk.query.map((z) => [z, chunk.support] as const)));
      return [{ support, servedBy, all: [...new Set(chunks.map((chunk) => chunk.support))] }];
    });
    const slices = this.#plans.reduce((sum, { all }) => sum + all.length, 0);
    const mean = new Float32Array(area * depth);
    this.result = { ...about, mean, ...(slices > 1 ? { deviation: new Float32Array(area * depth) } : {}) };
  }

  /** Looks at some slices of the query. */
  async look(
    block: readonly number[],
    slices: readonly Float32Array<ArrayBuffer>[],
    segment: Segment,
  ): Promise<void> {
    const { value } = this.about, { mean, deviation } = this.result, area = this.#area;
    const average = new MeanForeground(), spread = new Spread();
    for (const { support, servedBy, all } of this.#plans) {
      average.nextSupport();
      for (const z of all) {
        const queries = deviation ? block : block.filter((query) => servedBy.get(query) === z);
        if (queries.length === 0) continue;
        const mask = Float32Array.from(
          support.labels.subarray(z * area, (z + 1) * area),
          (label) => Number(label === value),
        );
        const predicted = await segment(support, { image: support.slices[z], mask }, queries.map((q) => slices[q]));
        for (const [i, query] of queries.entries()) {
          if (servedBy.get(query) === z) average.add(query, predicted[i]);
          if (deviation) spread.add(query, predicted[i]);
        }
      }
    }
    for (const z of block) {
      mean.set(average.of(z), z * area);
      deviation?.set(spread.of(z), z * area);
    }
  }
}

/** Standard deviations of probabilities, by slice. */
class Spread {
  readonly #sums = new Map<number, { count: number; sum: Float64Array; squares: Float64Array }>();

  add(z: number, predicted: Float32Array): void {
    let found = this.#sums.get(z);
    if (!found) {
      const { length } = predicted;
      this.#sums.set(z, found = { count: 0, sum: new Float64Array(length), squares: new Float64Array(length) });
    }
    found.count++;
    for (let i = 0; i < predicted.length; i++) {
      found.sum[i] += predicted[i];
      found.squares[i] += predicted[i] ** 2;
    }
  }

  of(z: number): Float32Array<ArrayBuffer> {
    const { count, sum, squares } = this.#sums.get(z)!;
    return Float32Array.from(sum, (total, i) => Math.sqrt(Math.max(0, squares[i] / count - (total / count) ** 2)));
  }
}
