import { ShapeError } from "../../src/errors.ts";
import { kernel } from "../../src/gpu/mod.ts";
import { differentiable, empty, emptyLike, expectShape, roomForGradient, type Tensor } from "../../src/tensor/mod.ts";
import { sumOfRows } from "../sum/sum.ts";
import applySource from "./apply.wgsl" with { type: "text" };
import finishSource from "./finish.wgsl" with { type: "text" };
import gradientSource from "./gradient.wgsl" with { type: "text" };
import gradientSumsSource from "./gradient_sums.wgsl" with { type: "text" };
import maskSource from "./mask.wgsl" with { type: "text" };
import statisticsSource from "./statistics.wgsl" with { type: "text" };

const statisticsKernel = kernel(statisticsSource, "batchNormStatistics");
const finishKernel = kernel(finishSource, "batchNormFinish");
const applyKernel = kernel(applySource, "batchNormApply");
const maskKernel = kernel(maskSource, "batchNormMask");
const gradientSumsKernel = kernel(gradientSumsSource, "batchNormGradientSums");
const gradientKernel = kernel(gradientSource, "batchNormGradient");

/** The state of a batch norm, each `[C]`. */
export interface BatchNormState {
  /** Factor of the normalised value. */
  weight: Tensor;
  /** Added last. */
  bias: Tensor;
  /** Moves with every training pass, in place. */
  runningMean: Tensor;
  /** Moves with every training pass, in place; unbiased. */
  runningVariance: Tensor;
}

/** What a batch norm may differ in. */
export interface BatchNormOptions {
  /** Statistics of this batch (true) or the running ones. */
  training: boolean;
  /** Ends with a ReLU. */
  relu?: boolean;
  /** Added before the ReLU, the shape of x. */
  residual?: Tensor;
  /** Weight of the batch in the running statistics. */
  momentum?: number;
  /** Added to the variance. */
  epsilon?: number;
}

/**
 * Batch norm over all but the last dimension, with an optional residual and ReLU in the same kernel.
 *
 * @param x `[..., C]`, C a multiple of 4
 * @returns the shape of x
 * @throws {ShapeError} if the channels, a part of the state or the residual do not fit
 */
export function batchNorm(x: Tensor, state: BatchNormState, options: BatchNormOptions): Tensor {
  const { training, relu = false, residual, momentum = 0.1, epsilon = 1e-5 } = options;
  const channels = x.shape.at(-1)!;
  if (channels % 4 !== 0 || state.weight.size !== channels) {
    throw new ShapeError(
      "Cannot normalize a batch: expected x [..., C] and weight [C] with C a multiple of 4, found " +
        `[${x.shape.join(", ")}] and [${state.weight.shape.join(", ")}]`,
    );
  }
  for (const name of ["bias", "runningMean", "runningVariance"] as const) {
    expectShape("normalize a batch", name, state[name], [channels]);
  }
  if (residual) expectShape("normalize a batch", "residual", residual, x.shape);
  const rows = x.size / channels, groups = channels / 4;
  const { length, chunks } = chunking(rows);
  const whole = { threads: x.size / 4 };
  const mean = empty([channels]), inverse = empty([channels]);
  const sums = empty([chunks, channels]), squares = empty([chunks, channels]);
  if (training) {
    statisticsKernel.dispatch({ sizes: { rows, groups, length, chunks }, x, sums, squares }, {
      threads: chunks * groups,
    });
  }
  const { runningMean, runningVariance } = state;
  const finish = { rows, channels, chunks, training: Number(training), momentum, epsilon };
  const bindings = { sizes: finish, x, sums, squares, runningMean, runningVariance, mean, inverse };
  finishKernel.dispatch(bindings, { threads: channels });
  sums.release();
  squares.release();

  const { weight, bias } = state;
  const ends = { groups, residual: Number(residual !== undefined), relu: Number(relu) };
  const apply = () => {
    const y = emptyLike(x);
    applyKernel.dispatch({ sizes: ends, x, mean, inverse, weight, bias, residual: residual ?? x, y }, whole);
    return y;
  };
  const y = apply();

  const backward = (gradY: Tensor) => {
    let before = gradY;
    if (relu) {
      before = emptyLike(x);
      maskKernel.dispatch({ y, gradY, gradX: before }, whole);
    }
    const sizes = { rows, groups, length, chunks };
    const totals = empty([chunks, channels]), products = empty([chunks, channels]);
    gradientSumsKernel.dispatch({ sizes, x, gradY: before, mean, inverse, sums: totals, products }, {
      threads: chunks * groups,
    });
    const gradBias = sumOfRows(totals, roomForGradient(bias));
    const gradWeight = sumOfRows(products, roomForGradient(weight));
    totals.release();
    products.release();
    const gradX = emptyLike(x);
    const perRow = training ? 1 / rows : 0;
    const inputs = { x, gradY: before, mean, inverse, weight, gradBias, gradWeight, gradX };
    gradientKernel.dispatch({ sizes: { groups, perRow }, ...inputs }, whole);
    if (before !== gradY && !residual) before.release();
    return [gradX, gradWeight, gradBias, ...(residual ? [before] : [])];
  };
  const inputs = [x, weight, bias, ...(residual ? [residual] : [])];
  if (differentiable(y, inputs, backward, [mean, inverse]).tracked) y.recipe = apply;
  return y;
}

/** Rows of one partial sum and their number: about the square root of the rows, so that rounding and threads balance. */
function chunking(rows: number): { length: number; chunks: number } {
  const length = Math.max(16, Math.ceil(Math.sqrt(rows)));
  return { length, chunks: Math.ceil(rows / length) };
}
