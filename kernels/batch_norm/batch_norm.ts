import { ShapeError } from "../../src/errors.ts";
import { kernel } from "../../src/gpu/mod.ts";
import { differentiable, empty, emptyLike, expectShape, roomForGradient, type Tensor } from "../../src/tensor/mod.ts";
import applySource from "./apply.wgsl" with { type: "text" };
import finishSource from "./finish.wgsl" with { type: "text" };
import gradientSource from "./gradient.wgsl" with { type: "text" };
import gradientFinishSource from "./gradient_finish.wgsl" with { type: "text" };
import gradientSumsSource from "./gradient_sums.wgsl" with { type: "text" };
import statisticsSource from "./statistics.wgsl" with { type: "text" };

const statisticsKernel = kernel(statisticsSource, "batchNormStatistics");
const finishKernel = kernel(finishSource, "batchNormFinish");
const applyKernel = kernel(applySource, "batchNormApply");
const gradientSumsKernel = kernel(gradientSumsSource, "batchNormGradientSums");
const gradientFinishKernel = kernel(gradientFinishSource, "batchNormGradientFinish");
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
  const { weight, bias, runningMean, runningVariance } = state;
  const norm = empty([4, channels]), partials = empty([chunks, 2, channels]);
  if (training) {
    statisticsKernel.dispatch({ sizes: { rows, groups, length, chunks }, x, partials }, { threads: chunks * groups });
  }
  const finish = { rows, groups, chunks, training: Number(training), momentum, epsilon };
  finishKernel.dispatch({ sizes: finish, x, partials, weight, bias, runningMean, runningVariance, norm }, {
    threads: groups,
  });
  partials.release();

  const ends = { groups, residual: Number(residual !== undefined), relu: Number(relu) };
  const apply = () => {
    const y = emptyLike(x);
    applyKernel.dispatch({ sizes: ends, x, norm, residual: residual ?? x, y }, whole);
    return y;
  };
  const y = apply();

  const backward = (gradY: Tensor) => {
    const form = !relu ? NO_RELU : residual ? RELU_OF_Y : RELU_OF_X;
    const maps = { x, y: form === RELU_OF_Y ? y : x, gradY, norm };
    const partials = empty([chunks, 2, channels]), means = empty([2, channels]);
    gradientSumsKernel.dispatch({ sizes: { rows, groups, length, chunks }, ...maps, partials }, {
      threads: chunks * groups,
      constants: { relu: form },
    });
    const gradBias = roomForGradient(bias), gradWeight = roomForGradient(weight);
    const perRow = training ? 1 / rows : 0;
    gradientFinishKernel.dispatch({ sizes: { groups, chunks, perRow }, partials, gradBias, gradWeight, means }, {
      threads: groups,
    });
    partials.release();
    const gradX = emptyLike(x), isMasked = residual && relu;
    const gradResidual = isMasked ? emptyLike(x) : empty([4]); // a binding has to be something
    gradientKernel.dispatch({ sizes: { groups }, ...maps, means, gradX, gradResidual }, {
      ...whole,
      constants: { relu: form, residual: Number(isMasked ?? false) },
    });
    means.release();
    if (!isMasked) gradResidual.release();
    return [gradX, gradWeight, gradBias, ...(residual ? [isMasked ? gradResidual : gradY] : [])];
  };
  const inputs = [x, weight, bias, ...(residual ? [residual] : [])];
  if (differentiable(y, inputs, backward, [norm]).tracked) y.recipe = apply;
  return y;
}

/** Where the backward pass finds what a ReLU let through: nowhere, computed again from x, or off y if a residual was added. */
const NO_RELU = 0, RELU_OF_X = 1, RELU_OF_Y = 2;

/** Rows of one partial sum and their number: about the square root of the rows, so that rounding and threads balance. */
function chunking(rows: number): { length: number; chunks: number } {
  const length = Math.max(16, Math.ceil(Math.sqrt(rows)));
  return { length, chunks: Math.ceil(rows / length) };
}
