import { kernel, kernelSet, subgroups } from "../../src/gpu/mod.ts";
import type { Tensor } from "../../src/tensor/mod.ts";
import { gpuTiledWorks } from "./gpu_tiles.ts";
import { tiledWorks } from "./tiles.ts";
import gpuSource from "./matmul.wgsl" with { type: "text" };
import llvmpipeSource from "./matmul_llvmpipe.wgsl" with { type: "text" };
import subgroupsSource from "./matmul_subgroups.wgsl" with { type: "text" };
import tiledSource from "./matmul_tiled.wgsl" with { type: "text" };

const gpuKernel = kernel(gpuSource, "matmul", { textures: [] });
const tiledKernel = kernel(tiledSource, "matmul", { textures: [], label: "matmul, tiled" });
const llvmpipeKernel = kernel(llvmpipeSource, "matmul", { textures: ["a", "b"] });
const subgroupsKernel = kernel(subgroupsSource, "matmul", { textures: ["a", "b"] });

/** Sizes of a batched product `y[b, m, n] = Σ A[b, m, k] · B[b, k, n]`. */
export interface ProductSizes {
  /** Number of products. */
  batch: number;
  /** Rows of A and y. */
  m: number;
  /** Columns of B and y. */
  n: number;
  /** Columns of A, rows of B. */
  k: number;
  /** A is stored as `[batch, k, m]`. */
  transposeA: boolean;
  /** B is stored as `[batch, n, k]`. */
  transposeB: boolean;
  /** There is one A for all products. */
  sharedA?: boolean;
  /** Numbers of k in a chunk; the sums of the chunks are parts of y, `[chunks, batch, m, n]`. */
  length: number;
}

/** What takes part in a product. */
export interface ProductTensors {
  /** A. */
  a: Tensor;
  /** B. */
  b: Tensor;
  /** `[n]`, the start of every sum; only with one chunk. */
  bias?: Tensor;
  /** `[chunks, batch, m, n]`, written. */
  y: Tensor;
}

/** How an operand lies for the kernels with tiles: vec4s along k, across it, or neither. */
const ALONG = 0, ACROSS = 1, RAGGED = 2;

/** Rows and columns under which most of a GPU's smallest tile would stand over the edges, and products of one dispatch. */
const LEAST_OF_TILE = 16, MOST_SLABS = 65_535;

/** Whether large products have a kernel that is as fast as a convolution's. */
export function hasFastProducts(): boolean {
  return kernelSet() === "gpu" || subgroups() !== undefined;
}

/** Encodes a batched product. */
export function multiply({ a, b, bias, y }: ProductTensors, product: ProductSizes): void {
  const { batch, m, n, k, transposeA, transposeB, sharedA = false, length } = product;
  const chunks = Math.ceil(k / length);
  const isColumn = n === 1 && m > 1 && !bias && !sharedA;
  // a column is a row that stands: lanes then have columns of their own
  if (isColumn && kernelSet() === "llvmpipe" && subgroups() !== undefined) {
    const turned = { transposeA: !transposeB, transposeB: !transposeA };
    multiply({ a: b, b: a, y }, { ...product, m: 1, n: m, ...turned });
    return;
  }
  const sizes = {
    ...{ batch, m, n, k, length, chunks },
    aBatch: sharedA ? 0 : m * k,
    aRow: transposeA ? 1 : k,
    aInner: transposeA ? m : 1,
    bBatch: k * n,
    bInner: transposeB ? 1 : n,
    bColumn: transposeB ? k : 1,
    biased: bias ? 1 : 0,
  };
  const bindings = { sizes, a, b, bias: bias ?? b, y };
  const along = k % 4 === 0 && (chunks === 1 || length % 4 === 0);
  const FORM_A = !transposeA && along ? ALONG : transposeA && m % 4 === 0 ? ACROSS : RAGGED;
  const FORM_B = transposeB && along ? ALONG : !transposeB && n % 4 === 0 ? ACROSS : RAGGED;
  const slabs = chunks * batch;
  if (kernelSet() === "gpu") {
    // rows of y have to be whole vec4s
    const tiled = n % 4 === 0 && Math.min(m, n) >= LEAST_OF_TILE && slabs <= MOST_SLABS;
    if (!tiled) gpuKernel.dispatch(bindings, { threads: slabs * Math.ceil(m / 4) * Math.ceil(n / 4) });
    else {
      tiledKernel.dispatch(
        bindings,
        gpuTiledWorks({ rows: m, columns: n, batch: slabs, depth: k / chunks }, ([ROWS, COLUMNS]) => ({
          workgroups: [Math.ceil(n / COLUMNS), Math.ceil(m / ROWS), slabs],
          constants: { FORM_A, FORM_B },
        })),
      );
    }
  } else if (subgroups() === undefined || (n % 4 !== 0 && slabs * m > 1)) { // as above
    llvmpipeKernel.dispatch(bindings, { threads: slabs * Math.ceil(m / 8) * Math.ceil(n / 4) });
  } else {
    const inner = along ? Math.min(k, length) / 4 : 1;
    subgroupsKernel.dispatch(
      bindings,
      tiledWorks({ rows: m, columns: n, inner, batch: slabs, depth: k / chunks }, ([ROWS, COLUMNS, TOGETHER]) => ({
        workgroups: [Math.ceil(n / (8 * COLUMNS)), Math.ceil(m / ROWS), slabs],
        constants: { ROWS, COLUMNS, TOGETHER, FORM_A, FORM_B },
      })),
    );
  }
}
