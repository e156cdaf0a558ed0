/**
 * The one random generator: counter-based (Philox 4×32-10; Salmon et al., "Parallel random numbers: as easy as 1, 2, 3",
 * 2011). A stream is named by its keys, for example seed, step and purpose, so any draw can be made again alone and no
 * generator state has to be saved.
 */
export class Random {
  readonly #key: [number, number];
  readonly #stream: [number, number];
  #counter = 0;
  #block: Uint32Array = new Uint32Array(4);
  #used = 4;

  /**
   * Begins a stream.
   *
   * @param keys whatever names the stream: numbers and words, in this order
   */
  constructor(...keys: (number | string)[]) {
    const text = keys.map((key) => `${typeof key === "number" ? "n" : "s"}${key}`).join("\u0000");
    this.#key = [fnv1a(text, 0x811c9dc5), fnv1a(text, 0x9747b28c)];
    this.#stream = [fnv1a(text, 0x2545f491), fnv1a(text, 0x1b873593)];
  }

  /** The next 32 random bits, `0..2³² − 1`. */
  uint32(): number {
    if (this.#used === 4) {
      this.#block = philox([this.#counter >>> 0, Math.floor(this.#counter / 2 ** 32), ...this.#stream], this.#key);
      this.#counter++;
      this.#used = 0;
    }
    return this.#block[this.#used++];
  }

  /** Uniform in `[low, high)`, with 53 random bits. */
  uniform(low = 0, high = 1): number {
    const bits = (this.uint32() >>> 5) * 2 ** 26 + (this.uint32() >>> 6);
    return low + (high - low) * (bits / 2 ** 53);
  }

  /**
   * Uniform integer in `0..count − 1`, without modulo bias.
   *
   * @throws {RangeError} if `count` is not an integer in 1..2³²
   */
  integer(count: number): number {
    if (!Number.isInteger(count) || count < 1 || count > 2 ** 32) {
      throw new RangeError(`Cannot draw an integer: expected a count in 1..2^32, found ${count}`);
    }
    const limit = 2 ** 32 - (2 ** 32 % count);
    for (;;) {
      const bits = this.uint32();
      if (bits < limit) return bits % count;
    }
  }

  /** Standard normal (Box and Muller). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** True with the given probability. */
  chance(probability: number): boolean {
    return this.uniform() < probability;
  }

  /** One element of a non-empty list, all equally likely. */
  pick<T>(list: readonly T[]): T {
    return list[this.integer(list.length)];
  }
}

/** 32-bit FNV-1a over UTF-8 bytes, from a given offset basis. */
function fnv1a(text: string, offset: number): number {
  let hash = offset;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** The generator itself: four random words from four words of a counter and two of a key, after ten rounds. */
export function philox(
  counter: readonly [number, number, number, number],
  key: readonly [number, number],
): Uint32Array<ArrayBuffer> {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const [high0, low0] = multiply(0xd2511f53, c0);
    const [high1, low1] = multiply(0xcd9e8d57, c2);
    [c0, c1, c2, c3] = [(high1 ^ c1 ^ k0) >>> 0, low1, (high0 ^ c3 ^ k1) >>> 0, low0];
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  return Uint32Array.of(c0, c1, c2, c3);
}

/** High and low 32 bits of the 64-bit product. */
function multiply(a: number, b: number): [number, number] {
  const aHigh = a >>> 16, aLow = a & 0xffff, bHigh = b >>> 16, bLow = b & 0xffff;
  const middle = aHigh * bLow + Math.floor((aLow * bLow) / 65536);
  const carry = (middle % 65536) + aLow * bHigh;
  const high = aHigh * bHigh + Math.floor(middle / 65536) + Math.floor(carry / 65536);
  return [high >>> 0, Math.imul(a, b) >>> 0];
}
