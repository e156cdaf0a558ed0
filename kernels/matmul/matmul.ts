import { ShapeError } from "../../src/errors.ts";
import { kernel } from "../../src/gpu/mod.ts";
import { differentiable, empty, type Tensor } from "../../src/tensor/mod.ts";
import source from "./matmul.wgsl" with { type: "text" };

const matmulKernel = kernel(source, "matmul");

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
  const y = run(a, b, transposeA, transposeB);
  return differentiable(y, [a, b], (gradY) => {
    const gradA = () => transposeA ? run(b, gradY, transposeB, true) : run(gradY, b, false, !transposeB);
    const gradB = () => transposeB ? run(gradY, a, true, transposeA) : run(a, gradY, !transposeA, false);
    return [a.tracked ? gradA() : undefined, b.tracked ? gradB() : undefined];
  });
}

function run(a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean): Tensor {
  const [batch, m, k] = transposeA ? [a.shape[0], a.shape[2], a.shape[1]] : a.shape;
  const [batchB, kB, n] = transposeB ? [b.shape[0], b.shape[2], b.shape[1]] : b.shape;
  if (a.shape.length !== 3 || b.shape.length !== 3 || batch !== batchB || k !== kB) {
    const form = (transposed: boolean, plain: string, turned: string) => transposed ? turned : plain;
    throw new ShapeError(
      `Cannot multiply: expected a ${form(transposeA, "[B, M, K]", "[B, K, M]")} and b ` +
        `${form(transposeB, "[B, K, N]", "[B, N, K]")}, found [${a.shape.join(", ")}] and [${b.shape.join(", ")}]`,
    );
  }
  const y = empty([batch, m, n]);
  const sizes = {
    batch,
    m,
    n,
    k,
    aBatch: m * k,
    aRow: transposeA ? 1 : k,
    aInner: transposeA ? m : 1,
    bBatch: k * n,
    bInner: transposeB ? 1 : n,
    bColumn: transposeB ? k : 1,
  };
  matmulKernel.dispatch({ sizes, a, b, y }, { threads: batch * Math.ceil(m / 4) * Math.ceil(n / 4) });
  return y;
}
