import { gpu } from "./adapter.ts";
import { forgetBindingsOf } from "./bindings.ts";
import type { BufferView, PooledBuffer } from "./buffer_view.ts";
import { copyEncoder } from "./commands.ts";
import { mode } from "./mode.ts";
import { count } from "./objects.ts";
import { Pool, whenCounting, whenFreeing } from "./pool.ts";

/** Texels in a row of every flat texture: rows of 4096 × 16 bytes need no padding in copies. */
const TEXELS_PER_ROW = 4096, BYTES_PER_ROW = TEXELS_PER_ROW * 16;

/**
 * Bytes of textures that are kept for the next kernel that reads the same tensor, beside those of the present dispatch. A `tiny`
 * step copies half as often with 64 MiB, and no less often with more; a `paper` step reads most of them again too late, and has to
 * stay under 2 GiB with checkpoints.
 */
const KEPT_BYTES = 2 ** 25;

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
  unit: BYTES_PER_ROW,
  create,
  destroy({ texture, id }) {
    texture.destroy();
    forgetBindingsOf(id);
    count("textures", -1);
  },
});

/** A texture that holds what a range of a buffer holds. */
interface Copy {
  readonly buffer: PooledBuffer;
  readonly range: string;
  readonly texture: FlatTexture;
}

/** Copies that are still true, by buffer and range, and in the order of their last use. */
let copies = new Map<PooledBuffer, Map<string, Copy>>();
let byUse = new Set<Copy>();
let keptRows = 0;

whenCounting(() => {
  const [outerCopies, outerByUse, outerRows] = [copies, byUse, keptRows];
  [copies, byUse, keptRows] = [new Map(), new Set(), 0];
  return () => {
    [copies, byUse, keptRows] = [outerCopies, outerByUse, outerRows];
  };
});

whenFreeing(() => trimTextures(0));

/**
 * The elements of a range as a texture: on llvmpipe a load from it costs a thirtieth of one from a buffer. It is copied, unless
 * nothing was written since the last copy; it is true until {@link trimTextures}.
 *
 * @param view materialized; what fills up its last texel is what lies behind it
 */
export function textureOf(view: BufferView): FlatTexture {
  const { buffer } = view, range = rangeOf(view);
  const known = copies.get(buffer)?.get(range);
  if (known) {
    byUse.delete(known);
    byUse.add(known);
    return known.texture;
  }
  const texels = Math.ceil(view.byteSize / 16);
  const rows = Math.ceil(texels / TEXELS_PER_ROW);
  const { thing: texture } = pool.take(rows);
  const made = { buffer, range, texture };
  let ofBuffer = copies.get(buffer);
  if (!ofBuffer) copies.set(buffer, ofBuffer = new Map());
  ofBuffer.set(range, made);
  byUse.add(made);
  keptRows += texture.rows;
  if (mode() === "compute") encodeCopy(view, texels, texture.texture);
  return texture;
}

/** Whether {@link textureOf} need not copy. */
export function hasTexture(view: BufferView): boolean {
  return copies.get(view.buffer)?.has(rangeOf(view)) ?? false;
}

/** Says that a buffer was written, or is given back: its textures are true no more. */
export function forgetTextures(buffer: PooledBuffer): void {
  const stale = copies.get(buffer);
  if (stale) { for (const copy of stale.values()) drop(copy); }
}

/** Gives back the textures that were not used for longest, down to so many bytes; after every dispatch. */
export function trimTextures(bytes = KEPT_BYTES): void {
  for (const copy of byUse) {
    if (keptRows * BYTES_PER_ROW <= bytes) return;
    drop(copy);
  }
}

function drop(copy: Copy): void {
  const { buffer, range, texture } = copy;
  const ofBuffer = copies.get(buffer)!;
  ofBuffer.delete(range);
  if (ofBuffer.size === 0) copies.delete(buffer);
  byUse.delete(copy);
  keptRows -= texture.rows;
  pool.give(texture.rows, texture);
}

function rangeOf({ byteOffset, byteSize }: BufferView): string {
  return `${byteOffset}:${Math.ceil(byteSize / 16)}`;
}

function encodeCopy({ buffer: { buffer, bytes }, byteOffset }: BufferView, texels: number, texture: GPUTexture): void {
  const encoder = copyEncoder();
  const copyRows = (first: number, width: number, height: number) => {
    const offset = byteOffset + first * BYTES_PER_ROW;
    const source = { buffer, offset, bytesPerRow: BYTES_PER_ROW };
    encoder.copyBufferToTexture(source, { texture, origin: [0, first] }, [width, height]);
  };
  const rows = Math.ceil(texels / TEXELS_PER_ROW), whole = Math.floor(texels / TEXELS_PER_ROW);
  if (whole > 0 && byteOffset + rows * BYTES_PER_ROW <= bytes) copyRows(0, TEXELS_PER_ROW, rows); // and what lies behind
  else {
    if (whole > 0) copyRows(0, TEXELS_PER_ROW, whole);
    if (rows > whole) copyRows(whole, texels - whole * TEXELS_PER_ROW, 1);
  }
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
