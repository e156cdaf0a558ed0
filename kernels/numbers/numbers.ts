import { ShapeError } from "../../src/errors.ts";
import { copy } from "../../src/gpu/mod.ts";
import { differentiable, empty, type Tensor } from "../../src/tensor/mod.ts";
import { sumOfRows } from "../sum/sum.ts";

/**
 * Single numbers in a row, by copies alone. No gradient flows through it.
 *
 * @param numbers tensors of one element
 * @returns `[numbers]`
 * @throws {ShapeError} if one of them has more
 */
export function rowOfNumbers(numbers: readonly Tensor[]): Tensor {
  const row = empty([numbers.length]);
  for (const [i, number] of numbers.entries()) {
    if (number.size !== 1) {
      throw new ShapeError(`Cannot put numbers in a row: expected one, found [${number.shape.join(", ")}]`);
    }
    const place = row.view([1], i);
    copy(number, place);
    place.release();
  }
  return row;
}

/**
 * The sum of single numbers; its gradient is that of each of them.
 *
 * @param numbers tensors of shape `[1]`
 * @returns `[1]`
 * @throws {ShapeError} if one of them is not a single number
 */
export function sumOfNumbers(numbers: readonly Tensor[]): Tensor {
  const row = rowOfNumbers(numbers), matrix = row.view([numbers.length, 1]);
  const y = sumOfRows(matrix, empty([1]));
  for (const tensor of [row, matrix]) tensor.release();
  return differentiable(y, numbers, (gradY) => numbers.map(() => gradY));
}
