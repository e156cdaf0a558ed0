import { ShapeError } from "../errors.ts";
import type { Tensor } from "./tensor.ts";

/**
 * Checks a tensor's rank and those of its sizes that are given as numbers.
 *
 * @param action completes "Cannot …", for example `center rows`
 * @param name the parameter's name
 * @param sizes a number where the size is fixed, a word where any will do
 * @throws {ShapeError} `Cannot center rows: expected x [rows, columns], found [4]`
 */
export function expectShape(action: string, name: string, tensor: Tensor, sizes: readonly (number | string)[]): void {
  const { shape } = tensor;
  const fits = shape.length === sizes.length &&
    sizes.every((size, i) => typeof size === "string" || size === shape[i]);
  if (!fits) {
    throw new ShapeError(`Cannot ${action}: expected ${name} [${sizes.join(", ")}], found [${shape.join(", ")}]`);
  }
}
