import { kernel } from "../../src/gpu/mod.ts";
import { differentiable, empty, emptyLike, expectShape, roomForGradient, type Tensor } from "../../src/tensor/mod.ts";
import { sumOfRows } from "../sum/sum.ts";
import gradientSource from "./gradient.wgsl" with { type: "text" };
import source from "./layer_norm.wgsl" with { type: "text" };

const layerNormKernel = kernel(source, "layerNorm");
const gradientKernel = kernel(gradientSource, "layerNormGradient");

/**
 * Layer norm of every row, with the biased variance.
 *
 * @param x `[rows, C]`
 * @param weight `[C]`
 * @param bias `[C]`
 * @returns `[rows, C]`
 * @throws {ShapeError} if the sizes do not fit
 */
export function layerNorm(x: Tensor, weight: Tensor, bias: Tensor, epsilon = 1e-5): Tensor {
  expectShape("normalize rows", "x", x, ["rows", "C"]);
  const [rows, columns] = x.shape;
  expectShape("normalize rows", "weight", weight, [columns]);
  expectShape("normalize rows", "bias", bias, [columns]);
  const y = emptyLike(x), statistics = empty([rows, 2]);
  layerNormKernel.dispatch({ sizes: { rows, columns, epsilon }, x, weight, bias, statistics, y }, { threads: rows });
  return differentiable(y, [x, weight, bias], (gradY) => {
    const gradX = emptyLike(x), product = emptyLike(x);
    gradientKernel.dispatch({ sizes: { rows, columns }, x, weight, statistics, gradY, gradX, product }, {
      threads: rows,
    });
    const gradWeight = sumOfRows(product, roomForGradient(weight));
    product.release();
    return [gradX, gradWeight, sumOfRows(gradY, roomForGradient(bias))];
  }, [statistics]);
}
