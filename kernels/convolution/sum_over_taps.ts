import { kernel, kernelSet, subgroups } from "../../src/gpu/mod.ts";
import type { Tensor } from "../../src/tensor/mod.ts";
import { gpuTiledWorks } from "../matmul/gpu_tiles.ts";
import { tiledWorks } from "../matmul/tiles.ts";
import gpuSource from "./convolution.wgsl" with { type: "text" };
import llvmpipeSource from "./convolution_llvmpipe.wgsl" with { type: "text" };
import subgroupsSource from "./convolution_subgroups.wgsl" with { type: "text" };
import { type KernelWeights, TILE } from "./pack.ts";

const gpuKernel = kernel(gpuSource, "convolution", { textures: [] });
const subgroupsKernel = kernel(subgroupsSource, "convolution", { textures: ["x", "weights"] });
const llvmpipeKernel = kernel(llvmpipeSource, "convolution", { textures: ["x", "weights", "bias"] });

/** Channels under which half of the lanes of the kernel with subgroups would have nothing to do. */
const FEW_CHANNELS = 16;

/** Which pixel of the source a tap of a result's pixel meets: `(position · multiplier + offset + tap · step) / phases`. */
export interface TapPlaces {
  /** Size of the source. */
  sourceWidth: number;
  /** Size of the source. */
  sourceHeight: number;
  /** Taps in a row of the kernel. */
  kernelWidth: number;
  /** Taps of the kernel. */
  taps: number;
  /** Pixels of the result fall into phases² by their remainders; within one a tap meets all pixels or none. */
  phases: number;
  /** Step in the source from pixel to pixel of a phase. */
  multiplier: number;
  /** Of the first tap. */
  offset: number;
  /** From tap to tap. */
  step: number;
}

/**
 * `y[p, o] = bias[o] + Σ x[source(p, tap), c] · w[o, tap, c]`, which is the forward pass and the data gradient.
 *
 * @param x `[N, sourceHeight, sourceWidth, C]`
 * @param weights rows are y's channels, inner are x's
 * @param y `[N, H, W, out]`, written
 */
export function sumOverTaps(
  { x, weights, bias, y }: { x: Tensor; weights: KernelWeights; bias?: Tensor; y: Tensor },
  places: TapPlaces,
): void {
  const [images, height, width, channels] = y.shape;
  const { phases } = places;
  const phaseWidth = Math.ceil(width / phases), phaseHeight = Math.ceil(height / phases);
  const pixels = images * phaseHeight * phaseWidth;
  const sizes = {
    ...{ width, height, phaseWidth, phaseHeight, pixels, channels },
    ...places,
    ...weights.strides,
    groups: x.shape[3] / 4,
    biased: bias ? 1 : 0,
  };
  const bindings = { sizes, x, weights: weights.values, bias: bias ?? weights.values, y };
  const remainders = phases ** 2, depth = 4 * sizes.groups * places.taps;
  if (kernelSet() === "llvmpipe" && subgroups() !== undefined && channels > FEW_CHANNELS) {
    const { groups } = sizes;
    const work = { rows: pixels, columns: channels, inner: groups, batch: remainders, depth };
    subgroupsKernel.dispatch(
      bindings,
      tiledWorks(work, ([PIXELS, CHANNELS, TOGETHER]) => ({
        workgroups: [remainders, Math.ceil(channels / (8 * CHANNELS)), Math.ceil(pixels / PIXELS)],
        constants: { PIXELS, CHANNELS, TOGETHER },
      })),
    );
  } else if (kernelSet() === "llvmpipe") {
    const blocks = Math.ceil(pixels / 64);
    llvmpipeKernel.dispatch(bindings, { workgroups: [remainders, Math.ceil(channels / TILE), blocks] });
  } else {
    gpuKernel.dispatch(
      bindings,
      gpuTiledWorks({ rows: pixels, columns: channels, batch: remainders, depth }, ([ROWS, COLUMNS]) => ({
        workgroups: [Math.ceil(pixels / ROWS), Math.ceil(channels / COLUMNS), remainders],
      })),
    );
  }
}
