import {
  add,
  attentionWeights,
  convolution,
  gatherRows,
  gelu,
  matmul,
  multiply,
  permute,
  type RowIndex,
  rowIndex,
  sliceRows,
} from "../../kernels/mod.ts";
import { fromArray, persist, reshape, type Tensor } from "../tensor/mod.ts";
import { dense, layerNormalize } from "./layers.ts";
import type { StateEntry } from "./parameters.ts";
import type { Pass } from "./pass.ts";

/** One Swin stage of two blocks, the second one with shifted windows. */
export interface SwinConfiguration {
  /** Side of the square crop that it sees, a multiple of `patch · window`. */
  crop: number;
  /** Side of the images that the crop is taken from. */
  image: number;
  /** Side of a patch. */
  patch: number;
  /** Side of an attention window in patches. */
  window: number;
  /** Channels of a token. */
  embedding: number;
  /** Attention heads. */
  heads: number;
  /** Hidden channels of a block's MLP per channel of a token. */
  ratio: number;
}

/** Per image, the factors of the two residual branches of the second block, each `[N, 1, 1]`. */
export type DropPath = readonly [attention: Tensor, mlp: Tensor];

const BLOCKS = 2;

/** State of the Swin stage without its unused head, names after `prefix`. */
export function swinState(
  prefix: string,
  { patch, window, embedding: e, heads, ratio }: SwinConfiguration,
): StateEntry[] {
  const entries: StateEntry[] = [];
  const parameter = (name: string, shape: number[]) =>
    entries.push({ name: `${prefix}.${name}`, shape, kind: "parameter", gradient: true });
  const affineState = (name: string, shape: number[]) => {
    parameter(`${name}.weight`, shape);
    parameter(`${name}.bias`, [shape[0]]);
  };
  affineState("patch_embed.proj", [e, 3, patch, patch]);
  affineState("patch_embed.norm", [e]);
  for (let block = 0; block < BLOCKS; block++) {
    const name = `layers.0.blocks.${block}`;
    affineState(`${name}.norm1`, [e]);
    parameter(`${name}.attn.relative_position_bias_table`, [(2 * window - 1) ** 2, heads]);
    affineState(`${name}.attn.qkv`, [3 * e, e]);
    affineState(`${name}.attn.proj`, [e, e]);
    affineState(`${name}.norm2`, [e]);
    affineState(`${name}.mlp.fc1`, [ratio * e, e]);
    affineState(`${name}.mlp.fc2`, [e, ratio * e]);
  }
  affineState("norm", [e]);
  return entries;
}

/** The order of tokens in windows, with the cyclic shift of the second block, and what goes with it. */
interface Windows {
  /** From row-major tokens to windows. */
  split: RowIndex;
  /** From windows back to row-major tokens. */
  join: RowIndex;
  /** −100 between tokens of different regions, `[windows, 64, 64]`; only with a shift. */
  mask: Tensor | undefined;
}

/** The constant index tables of a Swin stage on the GPU, for batches of one size. */
export class SwinStage implements Disposable {
  readonly #windows: Windows[];
  readonly #biasIndex: RowIndex;
  readonly #crop: RowIndex | undefined;
  readonly #grid: number;

  /**
   * Prepares the stage for a number of images.
   *
   * @param batch number of images that go through together
   */
  constructor(readonly configuration: SwinConfiguration, readonly batch: number) {
    const { crop, image, patch, window } = configuration;
    this.#grid = crop / patch;
    this.#windows = [0, window / 2].map((shift) => makeWindows(batch, this.#grid, window, shift));
    this.#biasIndex = rowIndex(relativePositions(window), (2 * window - 1) ** 2);
    this.#crop = cropIndex(batch, image, crop, patch);
  }

  /**
   * Tokens after the final norm (docs/reference/network.md, 2.2).
   *
   * @param images `[N, H, W, 4]`
   * @param dropPath factors of the second block's branches in training
   * @returns `[N, crop/patch, crop/patch, embedding]`
   */
  forward(pass: Pass, prefix: string, images: Tensor, dropPath?: DropPath): Tensor {
    const { patch, embedding, crop } = this.configuration;
    const n = this.batch;
    const seen = this.#crop
      ? reshape(gatherRows(reshape(images, [n * images.shape[1] * images.shape[2], 4]), this.#crop), [n, crop, crop, 4])
      : images;
    const bias = pass.parameters.get(`${prefix}.patch_embed.proj.bias`);
    const patches = convolution(seen, pass.parameters.get(`${prefix}.patch_embed.proj.weight`), {
      stride: patch,
      bias,
    });
    const rows = n * this.#grid ** 2;
    let x = layerNormalize(pass, `${prefix}.patch_embed.norm`, reshape(patches, [rows, embedding]));
    pass.observe("swin.patch_embed", x);
    for (let block = 0; block < BLOCKS; block++) {
      const name = `${prefix}.layers.0.blocks.${block}`;
      const factors = block === 1 ? dropPath : undefined;
      x = add(
        x,
        this.#scaled(this.#attention(pass, name, layerNormalize(pass, `${name}.norm1`, x), block), factors?.[0]),
      );
      const hidden = gelu(dense(pass, `${name}.mlp.fc1`, layerNormalize(pass, `${name}.norm2`, x)));
      x = add(x, this.#scaled(dense(pass, `${name}.mlp.fc2`, hidden), factors?.[1]));
      pass.observe(`swin.block${block}`, x);
    }
    x = layerNormalize(pass, `${prefix}.norm`, x);
    pass.observe("swin.norm", x);
    return reshape(x, [n, this.#grid, this.#grid, embedding]);
  }

  /** Frees the tables. */
  [Symbol.dispose](): void {
    for (const { split, join, mask } of this.#windows) {
      for (const index of [split, join]) index[Symbol.dispose]();
      mask?.release();
    }
    for (const index of [this.#biasIndex, this.#crop]) index?.[Symbol.dispose]();
  }

  #scaled(x: Tensor, factors: Tensor | undefined): Tensor {
    if (!factors) return x;
    const [rows, channels] = x.shape;
    return reshape(multiply(reshape(x, [this.batch, rows / this.batch, channels]), factors), [rows, channels]);
  }

  #attention(pass: Pass, block: string, tokens: Tensor, shift: number): Tensor {
    const { window, heads, embedding } = this.configuration;
    const { split, join, mask } = this.#windows[shift];
    const area = window ** 2;
    const depth = embedding / heads;
    const rows = tokens.shape[0];
    const windows = rows / area;
    const qkv = dense(pass, `${block}.attn.qkv`, gatherRows(tokens, split));
    const parts = permute(reshape(qkv, [windows, area, 3, heads, depth]), [2, 0, 3, 1, 4]);
    const [q, k, v] = [0, 1, 2].map((part) =>
      reshape(sliceRows(parts, part, part + 1), [windows * heads, area, depth])
    );
    const products = matmul(q, k, { transposeB: true });
    const table = pass.parameters.get(`${block}.attn.relative_position_bias_table`);
    const bias = reshape(permute(gatherRows(table, this.#biasIndex), [1, 0]), [heads, area, area]);
    const weights = attentionWeights(products, { bias, mask, scale: depth ** -0.5 });
    const values = permute(reshape(matmul(weights, v), [windows, heads, area, depth]), [0, 2, 1, 3]);
    return gatherRows(dense(pass, `${block}.attn.proj`, reshape(values, [rows, embedding])), join);
  }
}

function makeWindows(batch: number, grid: number, window: number, shift: number): Windows {
  const across = grid / window;
  const tokens = grid ** 2;
  const split = new Int32Array(batch * tokens);
  const join = new Int32Array(batch * tokens);
  let place = 0;
  for (let image = 0; image < batch; image++) {
    for (let w = 0; w < across ** 2; w++) {
      for (let t = 0; t < window ** 2; t++, place++) {
        const row = Math.floor(w / across) * window + Math.floor(t / window);
        const column = (w % across) * window + t % window;
        const source = image * tokens + ((row + shift) % grid) * grid + (column + shift) % grid;
        split[place] = source;
        join[source] = place;
      }
    }
  }
  let mask: Tensor | undefined;
  if (shift > 0) {
    mask = persist(fromArray(shiftedWindowMask(grid, window), [across ** 2, window ** 2, window ** 2]));
  }
  return { split: rowIndex(split, batch * tokens), join: rowIndex(join, batch * tokens), mask };
}

/**
 * What is added to the logits of shifted windows, `attn_mask` of the state_dict: −100 between tokens of different regions,
 * `[windows, 64, 64]` flattened.
 *
 * @param grid tokens on a side
 * @param window tokens on a side of a window
 */
export function shiftedWindowMask(grid: number, window: number): Float32Array<ArrayBuffer> {
  const across = grid / window, area = window ** 2;
  const result = new Float32Array(across ** 2 * area ** 2);
  let i = 0;
  for (let w = 0; w < across ** 2; w++) {
    const regions = Int32Array.from({ length: area }, (_, t) => {
      const row = Math.floor(w / across) * window + Math.floor(t / window);
      const column = (w % across) * window + t % window;
      return 3 * band(row, grid, window) + band(column, grid, window);
    });
    for (const a of regions) for (const b of regions) result[i++] = a === b ? 0 : -100;
  }
  return result;
}

/** Which of the three bands of the rolled grid a row or column lies in. */
function band(position: number, grid: number, window: number): number {
  return position < grid - window ? 0 : position < grid - window / 2 ? 1 : 2;
}

/** Row of the bias table for every pair (query, key) of a window: `relative_position_index` of the state_dict. */
export function relativePositions(window: number): Int32Array<ArrayBuffer> {
  const area = window ** 2;
  return Int32Array.from({ length: area ** 2 }, (_, i) => {
    const query = Math.floor(i / area), key = i % area;
    const dy = Math.floor(query / window) - Math.floor(key / window);
    const dx = query % window - key % window;
    return (dy + window - 1) * (2 * window - 1) + dx + window - 1;
  });
}

/** Pixels of the centre crop, which starts at round-half-to-even((image − crop) / 2); `undefined` if it needs no copy. */
function cropIndex(batch: number, image: number, crop: number, patch: number): RowIndex | undefined {
  const half = (image - crop) / 2;
  const start = half % 1 === 0.5 ? 2 * Math.round(half / 2) : half;
  if (start === 0 && image - crop < patch) return undefined;
  const pixels = Int32Array.from({ length: batch * crop ** 2 }, (_, i) => {
    const n = Math.floor(i / crop ** 2), y = Math.floor(i / crop) % crop, x = i % crop;
    return (n * image + start + y) * image + start + x;
  });
  return rowIndex(pixels, batch * image ** 2);
}
