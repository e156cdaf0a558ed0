import { kernel } from "../../src/gpu/mod.ts";
import { empty, type Tensor } from "../../src/tensor/mod.ts";
import type { Geometry } from "./geometry.ts";
import source from "./pack_weights.wgsl" with { type: "text" };

const packKernel = kernel(source, "packWeights", { textures: ["weight"] });

/** Rows of packed weights that lie together. */
export const TILE = 16;

/** Where a kernel finds the weights of a row of the result: distances of neighbours, in vec4s along the inner dimension. */
export interface WeightStrides {
  /** From {@link TILE} rows to the next. */
  tileStride: number;
  /** From tap to tap. */
  tapStride: number;
  /** From vec4 to vec4 of the inner dimension. */
  groupStride: number;
  /** From row to row within a tile. */
  rowStride: number;
}

/** Weights as a kernel reads them. */
export interface KernelWeights extends Disposable {
  /** vec4s along the inner dimension. */
  readonly values: Tensor;
  /** Where they lie in {@link values}. */
  readonly strides: WeightStrides;
}

/** The weights for the forward pass: rows are output channels, inner are input channels. */
export function forwardWeights(weight: Tensor, g: Geometry): KernelWeights {
  const groups = g.channels / 4;
  if (g.taps === 1 && g.in === g.channels) { // vec4s along the input channels already: they are read where they are
    const strides = { tileStride: TILE * groups, tapStride: 0, groupStride: 1, rowStride: groups };
    return { values: weight, strides, [Symbol.dispose]: () => {} };
  }
  return pack(weight, g, { rows: g.out, inner: g.in, groups, rowStride: g.in * g.taps, innerStride: g.taps });
}

/** The weights for the data gradient: rows are input channels, inner are output channels. */
export function transposedWeights(weight: Tensor, g: Geometry): KernelWeights {
  return pack(weight, g, {
    rows: g.in,
    inner: g.out,
    groups: g.out / 4,
    rowStride: g.taps,
    innerStride: g.in * g.taps,
  });
}

/** Packs weights as `[tiles, taps, groups, TILE]` of vec4 along the inner dimension. */
function pack(
  weight: Tensor,
  { taps }: Geometry,
  sizes: { rows: number; inner: number; groups: number; rowStride: number; innerStride: number },
): KernelWeights {
  const { rows, groups } = sizes;
  const tiles = Math.ceil(rows / TILE);
  const values = empty([tiles, taps, groups, TILE, 4]);
  const workgroups = [Math.ceil(groups * TILE / 64), taps, tiles] as const;
  packKernel.dispatch({ sizes: { ...sizes, taps }, weight, packed: values }, { workgroups });
  const strides = { tileStride: taps * groups * TILE, tapStride: groups * TILE, groupStride: TILE, rowStride: 1 };
  return { values, strides, [Symbol.dispose]: () => values.release() };
}
