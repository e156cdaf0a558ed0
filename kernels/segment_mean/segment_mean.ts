import { kernel } from "../../src/gpu/mod.ts";
import { differentiable, empty, expectShape, type Tensor } from "../../src/tensor/mod.ts";
import gradientSource from "./gradient.wgsl" with { type: "text" };
import listsSource from "./lists.wgsl" with { type: "text" };
import source from "./segment_mean.wgsl" with { type: "text" };

const listsKernel = kernel(listsSource, "segmentLists");
const segmentMeanKernel = kernel(source, "segmentMean");
const gradientKernel = kernel(gradientSource, "segmentMeanGradient");

/**
 * Mean of the rows of every segment.
 *
 * @param x `[R, C]`
 * @param assignment segment of every row, i32 `[R]`, −1 for none
 * @returns `[segments, C]`, 0 for a segment without rows
 * @throws {ShapeError} if the numbers of rows differ
 */
export function segmentMean(x: Tensor, assignment: Tensor, segments: number): Tensor {
  expectShape("average segments", "x", x, ["R", "C"]);
  const [rows, columns] = x.shape;
  expectShape("average segments", "assignment", assignment, [rows]);
  const starts = empty([segments + 1], "u32"), list = empty([rows], "u32");
  listsKernel.dispatch({ sizes: { rows, segments }, assignment, starts, list }, { workgroups: [1] });
  const y = empty([segments, columns]);
  segmentMeanKernel.dispatch({ sizes: { segments, columns }, x, starts, list, y }, { threads: y.size });
  list.release();
  return differentiable(y, [x], (gradY) => {
    const gradX = empty(x.shape);
    gradientKernel.dispatch({ sizes: { rows, columns }, assignment, starts, gradY, gradX }, { threads: gradX.size });
    return [gradX];
  }, [starts]);
}
