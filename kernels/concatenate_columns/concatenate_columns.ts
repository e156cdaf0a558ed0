import { kernel } from "../../src/gpu/mod.ts";
import { differentiable, empty, emptyLike, expectShape, type Tensor } from "../../src/tensor/mod.ts";
import source from "./concatenate_columns.wgsl" with { type: "text" };

const moveKernel = kernel(source, "moveColumns");

/**
 * Two matrices side by side.
 *
 * @param a `[R, A]`
 * @param b `[R, B]`
 * @returns `[R, A + B]`
 * @throws {ShapeError} if the numbers of rows differ
 */
export function concatenateColumns(a: Tensor, b: Tensor): Tensor {
  expectShape("concatenate columns", "a", a, ["R", "A"]);
  expectShape("concatenate columns", "b", b, [a.shape[0], "B"]);
  const [rows, widthA] = a.shape, widthB = b.shape[1], width = widthA + widthB;
  const move = (x: Tensor, sourceWidth: number, first: number, y: Tensor, at: number, columns: number) =>
    moveKernel.dispatch({ sizes: { rows, columns, sourceWidth, first, targetWidth: y.shape[1], at }, x, y }, {
      threads: rows * columns,
    });
  const y = empty([rows, width]);
  move(a, widthA, 0, y, 0, widthA);
  move(b, widthB, 0, y, widthA, widthB);
  return differentiable(y, [a, b], (gradY) => {
    const gradA = emptyLike(a), gradB = emptyLike(b);
    move(gradY, width, 0, gradA, 0, widthA);
    move(gradY, width, widthA, gradB, 0, widthB);
    return [gradA, gradB];
  });
}
