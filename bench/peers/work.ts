/** An operator that peers for the web are asked to compute. */
export type WebWork =
  | {
    kind: "convolution";
    /** `[N, C, H, W]`; its values are laid out channels-last. */
    a: [number, number, number, number];
    /** `[out, in, height, width]`. */
    b: [number, number, number, number];
    stride: number;
    padding: number;
    dilation: number;
  }
  | { kind: "matmul"; a: [number, number, number]; b: [number, number, number] };

/** What computes it, with inputs that lie where the peer wants them. */
export interface Ready {
  /** Computes once, to the end. */
  run(): Promise<void>;
  /** The result of the last run, channels-last. */
  values(): Promise<Float32Array>;
}

/** A peer. */
export type Framework = (work: WebWork) => Promise<Ready>;

/** The numbers that every peer and we compute with: sin(0), sin(1), … */
export function filled(shape: readonly number[]): Float32Array {
  return Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i));
}

/** An array with its axes in another order. */
export function permuted(values: Float32Array, shape: readonly number[], order: readonly number[]): Float32Array {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const result = new Float32Array(values.length), sizes = order.map((axis) => shape[axis]);
  const index = sizes.map(() => 0);
  for (let i = 0; i < result.length; i++) {
    result[i] = values[order.reduce((at, axis, k) => at + index[k] * strides[axis], 0)];
    for (let k = sizes.length - 1; k >= 0 && ++index[k] === sizes[k]; k--) index[k] = 0;
  }
  return result;
}

/** Height and width of a convolution's result. */
export function extents({ a, b, stride, padding, dilation }: WebWork & { kind: "convolution" }): [number, number] {
  const extent = (size: number, taps: number) =>
    Math.floor((size + 2 * padding - dilation * (taps - 1) - 1) / stride) + 1;
  return [extent(a[2], b[2]), extent(a[3], b[3])];
}

/** An image as PyTorch, ONNX and jax lay it out, from channels-last values. */
export function channelsFirst([n, c, h, w]: readonly number[]): Float32Array {
  return permuted(filled([n, h, w, c]), [n, h, w, c], [0, 3, 1, 2]);
}
