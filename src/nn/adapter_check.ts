import { convolution, matmul, softmax, sum } from "../../kernels/mod.ts";
import { fromArray, Scope, type Shape, type Tensor, toArray } from "../tensor/mod.ts";

/** An operator beside the plain loop. */
interface Probe {
  /** What a person calls it. */
  name: string;
  /** Shapes of its inputs. */
  shapes: readonly Shape[];
  /** What the adapter computes. */
  operator(inputs: readonly Tensor[]): Tensor;
  /** The slow, obvious loop in float64. */
  reference(inputs: readonly Float32Array[]): Float64Array;
}

/** Largest difference, as a share of the largest value: two orders above what rounding comes to at these lengths. */
const TOLERANCE = 1e-4;

/** Odd, unequal sizes that no tile fits, and long enough for several workgroups. */
const IMAGE = 19, CHANNELS = 8, OUT = 12, M = 67, K = 45, N = 33, ROWS = 301, COLUMNS = 77;

const PROBES: readonly Probe[] = [
  {
    name: "convolution",
    shapes: [[2, IMAGE, IMAGE, CHANNELS], [OUT, CHANNELS, 3, 3]],
    operator: ([x, weight]) => convolution(x, weight, { padding: 1 }),
    reference: ([x, weight]) => convolve(x, weight),
  },
  {
    name: "matrix product",
    shapes: [[2, M, K], [2, K, N]],
    operator: ([a, b]) => matmul(a, b),
    reference: ([a, b]) => multiply(a, b, { batches: 2, m: M, k: K, n: N }),
  },
  {
    name: "attention",
    shapes: [[1, M, K], [1, N, K], [1, N, K]],
    operator: ([q, k, v]) => {
      const weights = softmax(matmul(q, k, { transposeB: true }).view([M, N]));
      return matmul(weights.view([1, M, N]), v);
    },
    reference: ([q, k, v]) => attend(q, k, v),
  },
  {
    name: "sum over rows",
    shapes: [[ROWS, COLUMNS]],
    operator: ([x]) => sum(x, "rows"),
    reference: ([x]) => {
      const sums = new Float64Array(COLUMNS);
      for (let i = 0; i < x.length; i++) sums[i % COLUMNS] += x[i];
      return sums;
    },
  },
];

/**
 * Computes a small convolution, matrix product, attention and sum on the adapter, and compares them with plain loops: there are
 * drivers that compute wrong numbers without a word.
 *
 * @param change what is done to a result before it is compared; for tests
 * @returns what is wrong, in words; `undefined` if nothing is
 */
export async function wrongNumbers(change: (result: Float32Array) => void = () => {}): Promise<string | undefined> {
  for (const { name, shapes, operator, reference } of PROBES) {
    using _scope = new Scope();
    const inputs = shapes.map((shape, k) => numbers(shape.reduce((a, b) => a * b, 1), k));
    const result = await toArray(operator(inputs.map((values, k) => fromArray(values, shapes[k]))));
    change(result);
    const expected = reference(inputs);
    const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const wrong = expected.findIndex((value, i) => !(Math.abs(result[i] - value) <= TOLERANCE * largest));
    if (wrong >= 0 || result.length !== expected.length) {
      return `a ${name} that should give ${expected[wrong]?.toPrecision(6)} gives ${result[wrong]?.toPrecision(6)}`;
    }
  }
  return undefined;
}

/** Numbers between −1 and 1 that do not repeat, the same everywhere. */
function numbers(count: number, seed: number): Float32Array<ArrayBuffer> {
  let state = 12345 + seed;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

/** 3 × 3, padded by 1, `[N, H, W, C]` and `[out, in, 3, 3]`. */
function convolve(x: Float32Array, weight: Float32Array): Float64Array {
  const y = new Float64Array(2 * IMAGE * IMAGE * OUT);
  for (let at = 0; at < y.length; at++) {
    const out = at % OUT, column = Math.floor(at / OUT) % IMAGE;
    const row = Math.floor(at / OUT / IMAGE) % IMAGE, image = Math.floor(at / OUT / IMAGE / IMAGE);
    for (let channel = 0; channel < CHANNELS; channel++) {
      for (let tap = 0; tap < 9; tap++) {
        const r = row + Math.floor(tap / 3) - 1, c = column + tap % 3 - 1;
        if (r < 0 || c < 0 || r >= IMAGE || c >= IMAGE) continue;
        y[at] += x[((image * IMAGE + r) * IMAGE + c) * CHANNELS + channel] *
          weight[(out * CHANNELS + channel) * 9 + tap];
      }
    }
  }
  return y;
}

function multiply(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  { batches, m, k, n }: { batches: number; m: number; k: number; n: number },
): Float64Array {
  const y = new Float64Array(batches * m * n);
  for (let at = 0; at < y.length; at++) {
    const column = at % n, row = Math.floor(at / n) % m, batch = Math.floor(at / n / m);
    for (let i = 0; i < k; i++) y[at] += a[(batch * m + row) * k + i] * b[(batch * k + i) * n + column];
  }
  return y;
}

/** softmax(q kᵀ) v. */
function attend(q: Float32Array, k: Float32Array, v: Float32Array): Float64Array {
  const transposed = Float32Array.from({ length: k.length }, (_, i) => k[(i % N) * K + Math.floor(i / N)]);
  const scores = multiply(q, transposed, { batches: 1, m: M, k: K, n: N });
  for (let row = 0; row < M; row++) {
    const part = scores.subarray(row * N, (row + 1) * N);
    const largest = Math.max(...part);
    for (let i = 0; i < N; i++) part[i] = Math.exp(part[i] - largest);
    const total = part.reduce((a, b) => a + b, 0);
    for (let i = 0; i < N; i++) part[i] /= total;
  }
  return multiply(scores, v, { batches: 1, m: M, k: N, n: K });
}
