import { kernel } from "../../src/gpu/mod.ts";
import {
  differentiable,
  empty,
  expectShape,
  fromArray,
  persist,
  placeForGradient,
  type Tensor,
} from "../../src/tensor/mod.ts";
import source from "./gather_rows.wgsl" with { type: "text" };
import gradientSource from "./gradient.wgsl" with { type: "text" };

const gatherKernel = kernel(source, "gatherRows");
const gradientKernel = kernel(gradientSource, "gatherRowsGradient");

/** A constant list of rows on the GPU, with its inverse. */
export interface RowIndex extends Disposable {
  /** Number of rows that it chooses from. */
  readonly rows: number;
  /** Chosen rows, i32 `[M]`. */
  readonly index: Tensor;
  /** Where the choices of a row begin in {@link list}, i32 `[rows + 1]`. */
  readonly starts: Tensor;
  /** Positions in {@link index}, by row, ascending, i32 `[M]`. */
  readonly list: Tensor;
}

/**
 * Puts a list of rows on the GPU, where it lives until disposed of.
 *
 * @param index rows, each in `0..rows − 1`
 * @throws {RangeError} if one is not
 */
export function rowIndex(index: Int32Array<ArrayBuffer>, rows: number): RowIndex {
  const starts = new Int32Array(rows + 1);
  for (const row of index) {
    if (row < 0 || row >= rows) throw new RangeError(`Cannot index rows: expected 0..${rows - 1}, found ${row}`);
    starts[row + 1]++;
  }
  for (let r = 0; r < rows; r++) starts[r + 1] += starts[r];
  const next = starts.slice();
  const list = new Int32Array(index.length);
  for (const [m, row] of index.entries()) list[next[row]++] = m;
  const put = (values: Int32Array<ArrayBuffer>) => persist(fromArray(values, [values.length]));
  const tensors = { index: put(index), starts: put(starts), list: put(list) };
  const free = () => Object.values(tensors).forEach((tensor) => tensor.release());
  return { rows, ...tensors, [Symbol.dispose]: free };
}

/**
 * Rows in the order of a list: `y[m] = x[index[m]]`.
 *
 * @param x `[R, C]`
 * @returns `[M, C]`
 * @throws {ShapeError} if the list was made for another number of rows
 */
export function gatherRows(x: Tensor, index: RowIndex): Tensor {
  expectShape("gather rows", "x", x, [index.rows, "C"]);
  const columns = x.shape[1], chosen = index.index.size;
  const y = empty([chosen, columns]);
  gatherKernel.dispatch({ sizes: { rows: chosen, columns }, x, index: index.index, y }, { threads: y.size });
  return differentiable(y, [x], (gradY) => {
    const { place: gradX, onto } = placeForGradient(x);
    const { starts, list } = index;
    gradientKernel.dispatch({ sizes: { rows: index.rows, columns }, starts, list, gradY, gradX }, {
      threads: gradX.size,
      constants: { onto: Number(onto) },
    });
    return [gradX];
  });
}
