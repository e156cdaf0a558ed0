import { kernel, Wgsl } from "../../src/gpu/mod.ts";
import { differentiable, empty, emptyLike, type Tensor } from "../../src/tensor/mod.ts";
import { ShapeError } from "../../src/errors.ts";
import broadcastSource from "./broadcast.wgsl" with { type: "text" };
import source from "./sum.wgsl" with { type: "text" };
import togetherSource from "./together.wgsl" with { type: "text" };

const columnKernel = kernel(source, "sumColumn");
const fourColumnsKernel = kernel(source, "sumFourColumns");
const runKernel = kernel(source, "sumRun");
const togetherKernel = kernel(togetherSource, "sumTogether");
const fourTogetherKernel = kernel(new Wgsl(togetherSource).withAlias("Element", "vec4f"), "sumTogether");
const broadcastKernel = kernel(broadcastSource, "broadcastSum");

/** Which dimension of a tensor goes: all of them, one of `[rows, columns]`, or the middle one of `[outer, middle, inner]`. */
export type SumAxis = "all" | "rows" | "columns" | "middle";

/** Longest sum that one thread does. */
const LONGEST = 128;

/** Most elements that a thread of a workgroup of 256 adds; longer sums take two passes, so that all of an adapter has work. */
const MOST_TOGETHER = 64, WORKGROUP = 256;

/** Columns that a workgroup sums side by side, where there are that many. */
const LANES = 8;

/**
 * Sums over a dimension.
 *
 * @param x any shape for `all`, `[rows, columns]` for `rows` and `columns`, `[outer, middle, inner]` for `middle`
 * @returns `[1]`, `[columns]`, `[rows]` or `[outer, inner]`
 * @throws {ShapeError} if the rank does not fit
 */
export function sum(x: Tensor, axis: SumAxis): Tensor {
  return scaledSum("sum", x, axis, false);
}

/** The mean over a dimension; shapes as {@link sum}. */
export function mean(x: Tensor, axis: SumAxis): Tensor {
  return scaledSum("average", x, axis, true);
}

/**
 * The sum of all rows, without gradient.
 *
 * @param x rows of the size of y
 * @param y written and returned
 * @param onto true: the sum is added to what y holds
 */
export function sumOfRows(x: Tensor, y: Tensor, onto = false): Tensor {
  return sumMiddle(x, [1, x.size / y.size, y.size], 1, { y, onto });
}

function scaledSum(action: string, x: Tensor, axis: SumAxis, average: boolean): Tensor {
  const { sizes, shape } = split(action, x, axis);
  const scale = average ? 1 / sizes[1] : 1;
  const y = sumMiddle(x, sizes, scale).view(shape);
  const [, middle, inner] = sizes;
  return differentiable(y, [x], (gradY) => {
    const gradX = emptyLike(x);
    const work = { threads: Math.ceil(x.size / 4) };
    broadcastKernel.dispatch({ sizes: { middle, inner, scale }, gradY, gradX }, work);
    return [gradX];
  });
}

type Sizes = readonly [outer: number, middle: number, inner: number];

function split(action: string, x: Tensor, axis: SumAxis): { sizes: Sizes; shape: number[] } {
  const { shape } = x;
  const fail = (expected: string) => {
    throw new ShapeError(`Cannot ${action}: expected x ${expected}, found [${shape.join(", ")}]`);
  };
  if (axis === "all") return { sizes: [1, x.size, 1], shape: [1] };
  if (axis === "middle") {
    if (shape.length !== 3) fail("[outer, middle, inner]");
    return { sizes: [shape[0], shape[1], shape[2]], shape: [shape[0], shape[2]] };
  }
  if (shape.length !== 2) fail("[rows, columns]");
  return axis === "rows"
    ? { sizes: [1, shape[0], shape[1]], shape: [shape[1]] }
    : { sizes: [shape[0], shape[1], 1], shape: [shape[0]] };
}

/** The sum without gradient. */
function sumMiddle(x: Tensor, sizes: Sizes, scale: number, into?: { y: Tensor; onto: boolean }): Tensor {
  const [outer, middle, inner] = sizes;
  const constants = { onto: Number(into?.onto ?? false) };
  // How a sum is cut follows from the shape alone, so the order of additions never changes.
  const width = inner % 4 === 0 ? 4 : 1, columns = inner / width, lanes = columns < LANES ? 1 : LANES;
  if (middle > LONGEST && middle <= MOST_TOGETHER * WORKGROUP / lanes) {
    const y = into?.y ?? empty([outer, inner]);
    (width === 4 ? fourTogetherKernel : togetherKernel).dispatch({ sizes: { middle, columns, scale }, x, y }, {
      workgroups: [Math.ceil(columns / lanes), outer],
      constants: { ...constants, LANES: lanes },
    });
    return y;
  }
  if (middle <= LONGEST) {
    const y = into?.y ?? empty([outer, inner]);
    sumByThreads(x, sizes, { chunks: 1, length: middle, scale, constants, y });
    return y;
  }
  const length = Math.max(32, 4 * Math.ceil(Math.sqrt(middle) / 4));
  const chunks = Math.ceil(middle / length);
  const partial = empty([outer, chunks, inner]);
  sumByThreads(x, sizes, { chunks, length, scale: 1, constants: {}, y: partial });
  const result = sumMiddle(partial, [outer, chunks, inner], scale, into);
  partial.release();
  return result;
}

interface Chunks {
  chunks: number;
  /** Numbers of a chunk. */
  length: number;
  scale: number;
  constants: Record<string, number>;
  /** `[outer, chunks, inner]` */
  y: Tensor;
}

/** Every thread sums a chunk of a column, or of four. */
function sumByThreads(x: Tensor, sizes: Sizes, { constants, y, ...chunking }: Chunks): void {
  const [outer, middle, inner] = sizes, { chunks, length } = chunking;
  const bindings = { sizes: { outer, middle, inner, ...chunking }, x, xWhole: x, y };
  const columns = outer * chunks * inner;
  if (inner % 4 === 0) fourColumnsKernel.dispatch(bindings, { threads: columns / 4, constants });
  else if (inner === 1 && middle % 4 === 0 && length % 4 === 0) {
    runKernel.dispatch(bindings, { threads: columns, constants });
  } else columnKernel.dispatch(bindings, { threads: columns, constants });
}
