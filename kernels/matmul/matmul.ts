import { ShapeError } from "../../src/errors.ts";
import { askedFor, kernelSet } from "../../src/gpu/mod.ts";
import { differentiable, empty, type Tensor } from "../../src/tensor/mod.ts";
import { sum } from "../sum/sum.ts";
import { multiply } from "./product.ts";

/** Threads that keep an adapter busy. */
const ENOUGH_THREADS = { llvmpipe: 256, gpu: 2 ** 14 };

/** The shortest part of the inner sum that is worth a thread. */
const SHORTEST = 64;

/** Which operand is stored transposed. */
export interface MatmulOptions {
  /** A is `[B, K, M]`. */
  transposeA?: boolean;
  /** B is `[B, N, K]`. */
  transposeB?: boolean;
}

/**
 * Batched matrix product.
 *
 * @param a `[B, M, K]`, or `[B, K, M]` if transposed
 * @param b `[B, K, N]`, or `[B, N, K]` if transposed
 * @returns `[B, M, N]`
 * @throws {ShapeError} if the sizes do not fit
 */
export function matmul(a: Tensor, b: Tensor, { transposeA = false, transposeB = false }: MatmulOptions = {}): Tensor {
  const [batch, rows, columns] = a.shape, [m, k] = transposeA ? [columns, rows] : [rows, columns];
  const sizes = { batch, m, n: b.shape[transposeB ? 1 : 2], k };
  askedFor("matmul", { ...sizes, transposeA: Number(transposeA), transposeB: Number(transposeB) }, [a, b]);
  return differentiable(product(a, b, transposeA, transposeB), [a, b], (gradY) => {
    const gradA = () => transposeA ? product(b, gradY, transposeB, true) : product(gradY, b, false, !transposeB);
    const gradB = () => transposeB ? product(gradY, a, true, transposeA) : product(a, gradY, !transposeA, false);
    return [a.tracked ? gradA() : undefined, b.tracked ? gradB() : undefined];
  });
}

/** {@link matmul} without gradient, with a bias `[N]` for every row. */
export function product(a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean, bias?: Tensor): Tensor {
  const [batch, m, k] = transposeA ? [a.shape[0], a.shape[2], a.shape[1]] : a.shape;
  const [batchB, kB, n] = transposeB ? [b.shape[0], b.shape[2], b.shape[1]] : b.shape;
  if (a.shape.length !== 3 || b.shape.length !== 3 || batch !== batchB || k !== kB) {
    const form = (transposed: boolean, plain: string, turned: string) => transposed ? turned : plain;
    throw new ShapeError(
      `Cannot multiply: expected a ${form(transposeA, "[B, M, K]", "[B, K, M]")} and b ` +
        `${form(transposeB, "[B, K, N]", "[B, N, K]")}, found [${a.shape.join(", ")}] and [${b.shape.join(", ")}]`,
    );
  }
  // Chunks by shape alone, so that the order of additions never changes. A bias would be added once a chunk.
  const set = kernelSet(), tiles = batch * Math.ceil(m / (set === "llvmpipe" ? 8 : 4)) * Math.ceil(n / 4);
  const wanted = bias ? 1 : Math.ceil(ENOUGH_THREADS[set] / tiles);
  const whole = set === "gpu" ? 4 : 1; // vec4s of k
  const length = Math.max(SHORTEST, whole * Math.ceil(k / wanted / whole));
  const chunks = Math.ceil(k / length);
  const sizes = { batch, m, n, k, transposeA, transposeB, length };
  if (chunks === 1) {
    const y = empty([batch, m, n]);
    multiply({ a, b, bias, y }, sizes);
    return y;
  }
  const parts = empty([chunks, batch * m * n]);
  multiply({ a, b, y: parts }, sizes);
  const total = sum(parts, "rows"), y = total.view([batch, m, n]);
  for (const tensor of [parts, total]) tensor.release();
  return y;
}
