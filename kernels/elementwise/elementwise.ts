import { type Kernel, kernel, Wgsl } from "../../src/gpu/mod.ts";
import { differentiable, emptyLike, type Tensor } from "../../src/tensor/mod.ts";
import { ShapeError } from "../../src/errors.ts";
import { sum } from "../sum/sum.ts";
import binarySource from "./binary.wgsl" with { type: "text" };
import { BINARY, type BinaryRow, UNARY } from "./table.ts";
import unarySource from "./unary.wgsl" with { type: "text" };

const unaryKernels = new Map<string, { forward: Kernel; backward: Kernel }>();
for (const [name, { value, derivative }] of Object.entries(UNARY)) {
  const wgsl = new Wgsl(unarySource).withExpression("value", value).withExpression("derivative", derivative);
  unaryKernels.set(name, {
    forward: kernel(wgsl, "forward", { label: name }),
    backward: kernel(wgsl, "backward", { label: `${name}Gradient` }),
  });
}

function unary(name: keyof typeof UNARY, x: Tensor, a = 0, b = 0): Tensor {
  const { forward, backward } = unaryKernels.get(name)!;
  const threads = Math.ceil(x.size / 4);
  const y = emptyLike(x);
  forward.dispatch({ options: { a, b }, input: x, gradY: x, output: y }, { threads });
  return differentiable(y, [x], (gradY) => {
    const gradX = emptyLike(x);
    backward.dispatch({ options: { a, b }, input: x, gradY, output: gradX }, { threads });
    return [gradX];
  });
}

/** Logistic function `1 / (1 + e⁻ˣ)`, any shape. */
export const sigmoid = (x: Tensor): Tensor => unary("sigmoid", x);

/** `max(x, 0)`, any shape. */
export const relu = (x: Tensor): Tensor => unary("relu", x);

/** Gaussian error linear unit `x·Φ(x)` with the exact Φ, any shape. */
export const gelu = (x: Tensor): Tensor => unary("gelu", x);

/** `x²`, any shape. */
export const square = (x: Tensor): Tensor => unary("square", x);

/** `scale·x + shift` with two numbers, any shape. */
export const affine = (x: Tensor, scale: number, shift: number): Tensor => unary("affine", x, scale, shift);

/** A derivative of 1: the gradient is handed on as it is. */
const ONE = "vec4f(1.0)";

interface BinaryKernels {
  forward: Kernel;
  byA: Kernel;
  byB: Kernel;
  /** Inputs whose derivative is 1. */
  passesOn: { a: boolean; b: boolean };
}

const binaryKernels = new Map<string, BinaryKernels>();
for (const [name, row] of Object.entries<BinaryRow>(BINARY)) {
  const wgsl = new Wgsl(binarySource).withExpression("value", row.value).withExpression("byA", row.byA);
  binaryKernels.set(name, {
    forward: kernel(wgsl, "forward", { label: name }),
    byA: kernel(wgsl, "gradientOfA", { label: `${name}GradientOfA` }),
    byB: kernel(wgsl.withExpression("byB", row.byB), "gradientOfB", { label: `${name}GradientOfB` }),
    passesOn: { a: row.byA === ONE, b: row.byB === ONE },
  });
}

function binary(name: keyof typeof BINARY, a: Tensor, b: Tensor): Tensor {
  const kernels = binaryKernels.get(name)!;
  const broadcast = broadcastOf(name, a, b);
  const { outer: _, pattern, ...sizes } = broadcast;
  const work = { threads: Math.ceil(a.size / 4), constants: { pattern } };
  const y = emptyLike(a);
  kernels.forward.dispatch({ sizes, a, b, bWhole: b, gradY: a, output: y }, work);
  return differentiable(y, [a, b], (gradY) => {
    const gradient = (by: Kernel, passesOn: boolean) => {
      if (passesOn) return gradY.view(a.shape);
      const output = emptyLike(a);
      by.dispatch({ sizes, a, b, bWhole: b, gradY, output }, work);
      return output;
    };
    const { byA, byB, passesOn } = kernels;
    return [
      a.tracked ? gradient(byA, passesOn.a) : undefined,
      b.tracked ? sumOverBroadcast(gradient(byB, passesOn.b), b, broadcast) : undefined,
    ];
  });
}

interface Broadcast {
  outer: number;
  middle: number;
  inner: number;
  pattern: number;
  outerStride: number;
  middleStride: number;
  innerStride: number;
}

/** Collapses a = [outer, middle, inner] so that b is full or broadcast along each of the three. */
function broadcastOf(name: string, a: Tensor, b: Tensor): Broadcast {
  const { shape } = a;
  const fail = () => {
    throw new ShapeError(`Cannot ${name}: expected b [${shape}], broadcast in at most 3 groups, found [${b.shape}]`);
  };
  if (b.size === a.size && b.shape.length === shape.length && b.shape.every((n, i) => n === shape[i])) {
    return { outer: 1, middle: 1, inner: a.size, pattern: 0, outerStride: 0, middleStride: 0, innerStride: 1 };
  }
  if (b.size === 1) {
    return { outer: 1, middle: 1, inner: a.size, pattern: 1, outerStride: 0, middleStride: 0, innerStride: 0 };
  }
  const ofB = b.shape.length === 1 && shape.length > 1 ? [...shape.slice(1).fill(1), b.shape[0]] : [...b.shape];
  if (ofB.length !== shape.length) fail();
  const groups: { size: number; full: boolean }[] = [];
  for (const [i, size] of shape.entries()) {
    if (ofB[i] !== size && ofB[i] !== 1) fail();
    if (size === 1) continue;
    const full = ofB[i] === size;
    const last = groups.at(-1);
    if (last?.full === full) last.size *= size;
    else groups.push({ size, full });
  }
  if (groups.length > 3) fail();
  while (groups.length < 3) groups.unshift({ size: 1, full: false });
  const [outer, middle, inner] = groups;
  const innerStride = inner.full ? 1 : 0;
  const middleStride = middle.full ? (inner.full ? inner.size : 1) : 0;
  const outerStride = outer.full ? (middle.full ? middle.size : 1) * (inner.full ? inner.size : 1) : 0;
  const sizes = { outer: outer.size, middle: middle.size, inner: inner.size };
  const pattern = inner.size % 4 !== 0 ? 2 : inner.full ? 3 : 4;
  return { ...sizes, pattern, outerStride, middleStride, innerStride };
}

/** Sums a gradient of a's shape over the dimensions along which b was broadcast; releases it. */
function sumOverBroadcast(whole: Tensor, b: Tensor, broadcast: Broadcast): Tensor {
  if (broadcast.pattern === 0) return whole;
  const { outer, middle, inner, outerStride, middleStride, innerStride } = broadcast;
  let result = whole.view([outer, middle, inner]);
  whole.release();
  const reduce = (shape: [number, number, number]) => {
    const view = result.view(shape);
    result.release();
    result = sum(view, "middle");
    view.release();
  };
  const o = outer;
  let m = middle;
  if (innerStride === 0 && inner > 1) reduce([o * m, inner, 1]);
  const left = innerStride === 0 ? 1 : inner;
  if (middleStride === 0 && m > 1) {
    reduce([o, m, left]);
    m = 1;
  }
  if (outerStride === 0 && o > 1) reduce([1, o, m * left]);
  const shaped = result.view(b.shape);
  result.release();
  return shaped;
}

/** `a + b`; b may be broadcast: one number, `[C]` along the last dimension, or 1 where a is larger. Result as a. */
export const add = (a: Tensor, b: Tensor): Tensor => binary("add", a, b);

/** `a − b`, broadcast as {@link add}. */
export const subtract = (a: Tensor, b: Tensor): Tensor => binary("subtract", a, b);

/** `a · b`, broadcast as {@link add}. */
export const multiply = (a: Tensor, b: Tensor): Tensor => binary("multiply", a, b);

/** `a / b`, broadcast as {@link add}. */
export const divide = (a: Tensor, b: Tensor): Tensor => binary("divide", a, b);
