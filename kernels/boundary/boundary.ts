import { ShapeError } from "../../src/errors.ts";
import { kernel } from "../../src/gpu/mod.ts";
import { differentiable, empty, emptyLike, expectShape, type Tensor } from "../../src/tensor/mod.ts";
import edgesSource from "./edges.wgsl" with { type: "text" };
import edgesGradientSource from "./edges_gradient.wgsl" with { type: "text" };
import reachSource from "./reach.wgsl" with { type: "text" };
import reachGradientSource from "./reach_gradient.wgsl" with { type: "text" };
import scoreSource from "./score.wgsl" with { type: "text" };

const edgesKernel = kernel(edgesSource, "boundaryEdges");
const reachKernel = kernel(reachSource, "boundaryReach");
const scoreKernel = kernel(scoreSource, "boundaryScore");
const reachGradientKernel = kernel(reachGradientSource, "boundaryReachGradient");
const edgesGradientKernel = kernel(edgesGradientSource, "boundaryEdgesGradient");

/** Numbers of `totals` in the kernels. */
const TOTALS = 8;

/**
 * One minus the mean F-score of the edges of the channels `[1 − p, p]`, an edge being what a dilation by 3 × 3 adds to the
 * other channel, and found where it lies within 5 × 5 of the label's (docs/reference/network.md, 3). The gradient reaches the
 * prediction alone, through the first maximum of a window in row-major order.
 *
 * @param prediction p, `[1, H, W, 1]`
 * @param label 0 or 1, the same shape
 * @param options `softmax`: of `softmax([1 − p, p])` in the place of `[1 − p, p]`
 * @returns `[1]`
 * @throws {ShapeError} if the shapes differ, or are not those of one map
 */
export function boundaryScore(prediction: Tensor, label: Tensor, { softmax }: { softmax: boolean }): Tensor {
  const [images, height, width, channels] = prediction.shape;
  if (images !== 1 || channels !== 1) {
    throw new ShapeError(
      `Cannot compare edges: expected prediction [1, H, W, 1], found [${prediction.shape.join(", ")}]`,
    );
  }
  expectShape("compare edges", "label", label, prediction.shape);
  const pixels = height * width, sizes = { height, width };
  const work = { threads: pixels }, inForm = { ...work, constants: { softmax: Number(softmax) } };
  const edges = empty([pixels, 4]), reach = empty([pixels, 4]), totals = empty([TOTALS]);
  const winners = empty([pixels, 2], "u32"), reachWinners = empty([pixels, 2], "u32");
  edgesKernel.dispatch({ sizes, prediction, label, edges, winners }, inForm);
  reachKernel.dispatch({ sizes, edges, reach, winners: reachWinners }, work);
  scoreKernel.dispatch({ sizes: { count: pixels }, edges, reach, totals }, { workgroups: [1] });
  return differentiable(totals.view([1]), [prediction], (gradLoss) => {
    const gradEdges = empty([pixels, 2]), gradPrediction = emptyLike(prediction);
    reachGradientKernel.dispatch({ sizes, edges, reach, winners: reachWinners, totals, gradLoss, gradEdges }, work);
    edgesGradientKernel.dispatch({ sizes, prediction, gradEdges, winners, gradPrediction }, inForm);
    gradEdges.release();
    return [gradPrediction];
  }, [edges, reach, totals, winners, reachWinners]);
}
