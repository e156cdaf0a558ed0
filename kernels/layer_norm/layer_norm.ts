import { kernel } from "../../src/gpu/mod.ts";
import { differentiable, empty, emptyLike, expectShape, placeForGradient, type Tensor } from "../../src/tensor/mod.ts";
import gradientSource from "./gradient.wgsl" with { type: "text" };
import stateGradientSource from "./gradient_of_state.wgsl" with { type: "text" };
import source from "./layer_norm.wgsl" with { type: "text" };

const layerNormKernel = kernel(source, "layerNorm");
const gradientKernel = kernel(gradientSource, "layerNormGradient");
const stateGradientKernel = kernel(stateGradientSource, "layerNormStateGradient");

/** Columns of a workgroup of {@link stateGradientKernel}. */
const LANES = 8;

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
    const gradX = emptyLike(x), sizes = { rows, columns };
    gradientKernel.dispatch({ sizes, x, weight, statistics, gradY, gradX }, { threads: rows });
    const ofWeight = placeForGradient(weight), ofBias = placeForGradient(bias);
    // where one of both was used elsewhere alone, the tape adds that one
    const onto = ofWeight.onto && ofBias.onto;
    const [gradWeight, gradBias] = [ofWeight, ofBias].map(({ place, onto: isTaken }) =>
      isTaken && !onto ? empty([columns]) : place
    );
    stateGradientKernel.dispatch({ sizes, x, statistics, gradY, gradWeight, gradBias }, {
      workgroups: [Math.ceil(columns / LANES)],
      constants: { onto: Number(onto) },
    });
    return [gradX, gradWeight, gradBias];
  }, [statistics]);
}
