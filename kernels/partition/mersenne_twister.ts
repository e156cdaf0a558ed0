/**
 * The Mersenne Twister MT19937 seeded by `init_genrand` (Matsumoto and Nishimura 1998), whose outputs NumPy's
 * `RandomState(seed)` draws from.
 *
 * @returns its first `count` 32-bit outputs
 */
export function mersenneTwister(seed: number, count: number): Uint32Array<ArrayBuffer> {
  const n = 624, m = 397;
  const state = new Uint32Array(n);
  state[0] = seed;
  for (let i = 1; i < n; i++) {
    const previous = state[i - 1] ^ (state[i - 1] >>> 30);
    state[i] = Math.imul(1812433253, previous) + i;
  }
  const result = new Uint32Array(count);
  for (let k = 0, i = n; k < count; k++, i++) {
    if (i === n) {
      for (let j = 0; j < n; j++) {
        const y = (state[j] & 0x80000000) | (state[(j + 1) % n] & 0x7fffffff);
        state[j] = state[(j + m) % n] ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
      }
      i = 0;
    }
    let y = state[i];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    result[k] = y ^ (y >>> 18);
  }
  return result;
}
