import { ShapeError } from "../../src/errors.ts";
import { kernel } from "../../src/gpu/mod.ts";
import { differentiable, empty, emptyLike, expectShape, type Tensor } from "../../src/tensor/mod.ts";
import { outerGradient } from "../row_products/outer.ts";
import { sumOfScaledRows } from "../row_products/row_products.ts";
import divideSource from "./divide.wgsl" with { type: "text" };
import gradientSource from "./gradient.wgsl" with { type: "text" };
import maskGradientSource from "./mask_gradient.wgsl" with { type: "text" };

const divideKernel = kernel(divideSource, "maskedMean");
const gradientKernel = kernel(gradientSource, "maskedMeanGradient");
const maskGradientKernel = kernel(maskGradientSource, "maskedMeanMaskGradient");

/**
 * The mean of rows under a mask, `Σ mask[r]·x[r] / (Σ mask[r] + ε)`.
 *
 * @param x `[R, C]`, C a multiple of 4
 * @param mask any numbers, R of them
 * @returns `[1, C]`
 * @throws {ShapeError} if the sizes do not fit
 */
export function maskedMean(x: Tensor, mask: Tensor, epsilon: number): Tensor {
  expectShape("take a masked mean", "x", x, ["R", "C"]);
  const [rows, columns] = x.shape;
  if (columns % 4 !== 0 || mask.size !== rows) {
    throw new ShapeError(
      `Cannot take a masked mean: expected x [R, 4·n] and a mask of R numbers, found [${x.shape.join(", ")}] and ` +
        `[${mask.shape.join(", ")}]`,
    );
  }
  const totals = sumOfScaledRows(x, mask);
  const y = empty([1, columns]), divisor = empty([1]);
  divideKernel.dispatch({ sizes: { rows, columns, epsilon }, mask, totals, y, divisor }, { workgroups: [1] });
  totals.release();
  return differentiable(y, [x, mask], (gradY) => {
    const gradTotals = empty([columns]), along = empty([1]);
    gradientKernel.dispatch({ sizes: { columns }, gradY, y, divisor, gradTotals, along }, { workgroups: [1] });
    let gradMask: Tensor | undefined;
    if (mask.tracked) {
      gradMask = emptyLike(mask);
      const sizes = { rows, groups: columns / 4 };
      maskGradientKernel.dispatch({ sizes, x, gradTotals, along, gradMask }, { threads: rows });
    }
    const gradX = x.tracked ? outerGradient(x, mask, gradTotals) : undefined;
    for (const tensor of [gradTotals, along]) tensor.release();
    return [gradX, gradMask];
  }, [divisor]);
}
