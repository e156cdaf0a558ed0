import { add, batchNorm, convolution, matmul } from "../kernels/mod.ts";
import type { AskedWork } from "../src/gpu/mod.ts";
import { fromArray, type Shape, type Tensor } from "../src/tensor/mod.ts";
import type { PytorchCase } from "./pytorch.ts";
import { multiplyAdds, nameOf } from "./shapes.ts";

/** An operator, ours and PyTorch's. */
export interface Work {
  /** What it is called in tables. */
  name: string;
  /** Of the forward pass; `null` where memory and not arithmetic is the limit. */
  gflop: number | null;
  /** The two that may be differentiated. */
  inputs: [Tensor, Tensor];
  /** Whose gradient is wanted. */
  tracked: readonly boolean[];
  /** Ours. */
  operator: () => Tensor;
  /** PyTorch's. */
  pytorch: PytorchCase;
}

/** The numbers that everybody computes with: sin(0), sin(1), … */
export function filled(shape: Shape): Tensor {
  return fromArray(Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i)), shape);
}

/** A product or convolution that a network has. */
export function workOf(asked: AskedWork): Work {
  const { inputs, operator, pytorch } = asked.operator === "matmul" ? product(asked) : convolutionOf(asked);
  const gflop = 2e-9 * multiplyAdds(asked);
  return { name: nameOf(asked), gflop, tracked: asked.tracked, inputs, operator, pytorch };
}

function convolutionOf({ sizes }: AskedWork): Pick<Work, "inputs" | "operator" | "pytorch"> {
  const { images, height, width, out, in: input, kernelWidth, taps, stride, padding, dilation } = sizes;
  const x = filled([images, height, width, Math.ceil(input / 4) * 4]);
  const b = [out, input, taps / kernelWidth, kernelWidth], weight = filled(b);
  const options = { stride, padding, dilation, winograd: true };
  return {
    inputs: [x, weight],
    operator: () => convolution(x, weight, options),
    pytorch: { kind: "convolution", a: [images, input, height, width], b, stride, padding, dilation },
  };
}

function product({ sizes: { batch, m, n, k, transposeA, transposeB } }: AskedWork) {
  const aShape = transposeA ? [batch, k, m] : [batch, m, k], bShape = transposeB ? [batch, n, k] : [batch, k, n];
  const a = filled(aShape),
    b = filled(bShape),
    options = { transposeA: transposeA === 1, transposeB: transposeB === 1 };
  return {
    inputs: [a, b] as [Tensor, Tensor],
    operator: () => matmul(a, b, options),
    pytorch: { kind: "matmul" as const, a: aShape, b: bShape, ...options },
  };
}

/** A product that no network has. */
export function plainProduct(m: number, n: number, k: number): Work {
  const sizes = { batch: 1, m, n, k, transposeA: 0, transposeB: 0 };
  return workOf({ operator: "matmul", sizes, tracked: [true, true] });
}

/** A sum of two feature maps, whose gradient is handed on. */
export function sumWork(name: string, shape: [number, number, number, number]): Work {
  const inputs: [Tensor, Tensor] = [filled(shape), filled(shape)];
  const operator = () => add(...inputs), pytorch: PytorchCase = { kind: "add", a: shape, b: shape };
  return { name: `add ${name}`, gflop: null, tracked: [false, false], inputs, operator, pytorch };
}

/** Batch norm with the statistics of the batch, and ReLU; the second input is its weight. */
export function batchNormWork(name: string, shape: [number, number, number, number]): Work {
  const [images, height, width, channels] = shape;
  const x = filled(shape);
  const [weight, bias, runningMean, runningVariance] = Array.from({ length: 4 }, () => filled([channels]));
  const state = { weight, bias, runningMean, runningVariance };
  return {
    name: `batch norm and ReLU ${name}`,
    gflop: null,
    tracked: [true, true],
    inputs: [x, weight],
    operator: () => batchNorm(x, state, { training: true, relu: true }),
    pytorch: { kind: "batchNorm", a: [images, channels, height, width], b: [channels] },
  };
}
