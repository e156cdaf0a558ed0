import { gpu } from "./adapter.ts";
import { forgetBindingsOf } from "./bindings.ts";
import type { BufferView } from "./buffers.ts";
import { copyEncoder } from "./commands.ts";
import { mode } from "./mode.ts";
import { count } from "./objects.ts";
import { Pool } from "./pool.ts";

/** Texels in a row of every flat texture: rows of 4096 × 16 bytes need no padding in copies. */
export const TEXELS_PER_ROW = 4096;

/** An array of vec4f as a read-only storage texture: texel `i` lies at `(i & 4095, i >> 12)`. */
export interface FlatTexture {
  /** The view that a kernel binds. */
  readonly view: GPUTextureView;
  /** The texture behind it. */
  readonly texture: GPUTexture;
  /** Rows of 4096 texels. */
  readonly rows: number;
  /** Unique in the process, with a prefix of its own. */
  readonly id: string;
}

let nextId = 0;

const pool = new Pool<FlatTexture>({
  unit: TEXELS_PER_ROW * 16,
  create,
  destroy({ texture, id }) {
    texture.destroy();
    forgetBindingsOf(id);
    count("textures", -1);
  },
});

/**
 * Copies a buffer's vec4 elements into a pooled texture: on llvmpipe a load from it costs a thirtieth of one from a buffer.
 *
 * @param view materialized; what fills up its last texel is what lies behind it
 */
export function textureOf(view: BufferView): FlatTexture {
  const texels = Math.ceil(view.byteSize / 16);
  const rows = Math.ceil(texels / TEXELS_PER_ROW);
  const { thing: texture } = pool.take(rows);
  if (mode() !== "compute") return texture;
  const { buffer } = view.buffer;
  const encoder = copyEncoder();
  const fullRows = Math.floor(texels / TEXELS_PER_ROW);
  const rest = texels - fullRows * TEXELS_PER_ROW;
  const bytesPerRow = TEXELS_PER_ROW * 16;
  if (fullRows > 0) {
    encoder.copyBufferToTexture({ buffer, offset: view.byteOffset, bytesPerRow }, { texture: texture.texture }, [
      TEXELS_PER_ROW,
      fullRows,
    ]);
  }
  if (rest > 0) {
    const offset = view.byteOffset + fullRows * bytesPerRow;
    encoder.copyBufferToTexture({ buffer, offset, bytesPerRow }, { texture: texture.texture, origin: [0, fullRows] }, [
      rest,
      1,
    ]);
  }
  return texture;
}

/** Gives a texture back to the pool. */
export function releaseTexture(texture: FlatTexture): void {
  pool.give(texture.rows, texture);
}

function create(rows: number): FlatTexture {
  if (mode() === "count") return { texture: undefined as never, view: undefined as never, rows, id: "counted" };
  const texture = gpu().device.createTexture({
    size: [TEXELS_PER_ROW, rows],
    format: "rgba32float",
    usage: GPUTextureUsage.STORAGE_BINDING | GPUTextureUsage.COPY_DST,
  });
  count("textures", 1);
  return { texture, view: texture.createView(), rows, id: `t${nextId++}` };
}
