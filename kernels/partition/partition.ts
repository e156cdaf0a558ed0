import { kernel, upload } from "../../src/gpu/mod.ts";
import { empty, expectShape, fromArray, persist, type Tensor, toIntegers, zeros } from "../../src/tensor/mod.ts";
import { mersenneTwister } from "./mersenne_twister.ts";
import source from "./partition.wgsl" with { type: "text" };

const partitionKernel = kernel(source, "partitionMask");

/** Seed of the published stream. */
const SEED = 1289;

/**
 * The published stream of random numbers on the GPU: the generator's outputs are a table, its state is how many of them
 * were used, so that drawing needs no read-back (docs/reference/network.md, 2.10).
 */
export class Sampler implements Disposable {
  readonly #cursor: Tensor;
  /** Outputs of the generator, u32. */
  readonly outputs: Tensor;

  /**
   * Starts the published stream.
   *
   * @param count outputs in the table; after the last it starts again with the first
   */
  constructor(count: number) {
    this.outputs = persist(fromArray(mersenneTwister(SEED, count), [count]));
    this.#cursor = persist(zeros([1], "u32"));
  }

  /** Number of outputs used, u32 `[1]`. */
  get cursor(): Tensor {
    return this.#cursor;
  }

  /** Starts the stream again. */
  reset(): void {
    this.setCursor(0);
  }

  /** Continues after `used` outputs. */
  setCursor(used: number): void {
    upload(this.#cursor, new Uint8Array(Uint32Array.of(used).buffer));
  }

  /** How many outputs were used, for a snapshot. */
  async readCursor(): Promise<number> {
    return (await toIntegers(this.#cursor))[0];
  }

  /** Frees the table. */
  [Symbol.dispose](): void {
    this.outputs.release();
    this.#cursor.release();
  }
}

/** A stream with a table that lasts for a hundred thousand partitions and more. */
export function makeSampler(count = 2 ** 18): Sampler {
  return new Sampler(count);
}

/** What {@link partition} finds. */
export interface Partition {
  /** Part of every pixel, i32 `[n·n]`, −1 outside of the foreground. */
  assignment: Tensor;
  /** Position of the first centre among the foreground pixels, and their number, i32 `[2]`. */
  first: Tensor;
}

/**
 * Cuts a foreground into parts: farthest-point centres from a random first one, every pixel to its nearest
 * (docs/reference/network.md, 2.7, step 2). With fewer foreground pixels than parts others join the foreground: as
 * published the first of the map, or those nearest to it until there is one for every part (the first of the map where
 * there is no foreground at all).
 *
 * @param mask `[n·n]` of a square map, foreground where not 0
 * @throws {ShapeError} if the mask is not a vector
 */
export function partition(
  mask: Tensor,
  { parts, sampler, fill }: { parts: number; sampler: Sampler; fill: "first" | "nearest" },
): Partition {
  expectShape("partition a mask", "mask", mask, ["pixels"]);
  const pixels = mask.size;
  const side = Math.round(Math.sqrt(pixels));
  const points = empty([pixels], "u32"), nearest = empty([pixels], "u32");
  const assignment = empty([pixels], "i32"), first = empty([2], "i32");
  const sizes = { pixels, side, parts, outputs: sampler.outputs.size, fillNearest: Number(fill === "nearest") };
  const { outputs: random, cursor } = sampler;
  const bindings = { sizes, mask, random, cursor, points, nearest, assignment, first };
  partitionKernel.dispatch(bindings, { workgroups: [1] });
  points.release();
  nearest.release();
  return { assignment, first };
}
