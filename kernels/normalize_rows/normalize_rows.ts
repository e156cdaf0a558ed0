import { kernel } from "../../src/gpu/mod.ts";
import { differentiable, empty, emptyLike, expectShape, type Tensor } from "../../src/tensor/mod.ts";
import gradientSource from "./gradient.wgsl" with { type: "text" };
import source from "./normalize_rows.wgsl" with { type: "text" };

const normalizeKernel = kernel(source, "normalizeRows");
const gradientKernel = kernel(gradientSource, "normalizeRowsGradient");

/**
 * Brings every row to unit length, `x / max(‖x‖, ε)`.
 *
 * @param x `[rows, C]`
 * @param epsilon the smallest divisor
 * @returns `[rows, C]`
 * @throws {ShapeError} if x is not of rank 2
 */
export function normalizeRows(x: Tensor, epsilon: number): Tensor {
  expectShape("bring rows to unit length", "x", x, ["rows", "C"]);
  const [rows, columns] = x.shape;
  const sizes = { rows, columns, epsilon };
  const y = emptyLike(x), norms = empty([rows]);
  normalizeKernel.dispatch({ sizes, x, norms, y }, { threads: rows });
  return differentiable(y, [x], (gradY) => {
    const gradX = emptyLike(x);
    gradientKernel.dispatch({ sizes, y, norms, gradY, gradX }, { threads: rows });
    return [gradX];
  }, [norms]);
}
