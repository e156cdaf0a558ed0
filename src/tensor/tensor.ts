import {
  acquireBuffer,
  type BufferView,
  clear,
  type PooledBuffer,
  readBack,
  releaseBuffer,
  upload,
} from "../gpu/mod.ts";
import { currentScope, type Owned, type Scope } from "./scope.ts";

/** Element types: every one has 4 bytes. */
export type DType = "f32" | "u32" | "i32";

/** Sizes of the dimensions, outermost first; the last is contiguous. */
export type Shape = readonly number[];

/** Host arrays that a tensor can be made from. */
export type HostArray = Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Int32Array<ArrayBuffer>;

/** A buffer shared by a tensor and its views, returned to the pool when the last of them is released. */
class Storage {
  references = 0;
  constructor(readonly buffer: PooledBuffer, readonly pooled: boolean) {}
  release(): void {
    if (--this.references === 0 && this.pooled) releaseBuffer(this.buffer);
  }
}

/**
 * A dense row-major array on the GPU. Feature maps are stored channels-last, `[N, H, W, C]`, so that a map, its pixels as
 * rows `[N·H·W, C]` and the tokens of a transformer are the same bytes.
 */
export class Tensor implements BufferView, Owned {
  /** True while a tape must bring a gradient to this tensor. */
  tracked = false;
  /** Where the gradient of a parameter is accumulated; a tensor with it is a leaf. */
  gradient: Tensor | undefined;
  /** True for a leaf whose {@link gradient} holds something since it was last cleared. */
  hasGradient = false;
  /** The leaf whose elements these are under another shape. */
  leaf: Tensor | undefined;
  /** True for a leaf into whose {@link gradient} an operator writes at once; see `roomForGradient`. */
  roomTaken = false;
  /** The leaf in whose {@link gradient} these elements lie. */
  roomOf: Tensor | undefined;
  /** The scope that frees it; `undefined` for one that lives until released. */
  owner: Scope | undefined;
  /** Computes the same bytes once more; set by operators that are cheap and whose inputs are kept anyway. */
  recipe: (() => Tensor) | undefined;
  #storage: Storage | undefined;
  #forgotten = false;

  private constructor(
    /** Sizes of the dimensions. */
    readonly shape: Shape,
    /** Element type. */
    readonly dtype: DType,
    storage: Storage,
    /** First byte in the buffer. */
    readonly byteOffset: number,
  ) {
    storage.references++;
    this.#storage = storage;
    this.owner = currentScope();
    this.owner?.add(this);
  }

  /** A tensor with a buffer of its own from the pool; its elements are undefined until written. */
  static allocate(shape: Shape, dtype: DType): Tensor {
    const storage = new Storage(acquireBuffer(elements(shape) * 4), true);
    return new Tensor(shape, dtype, storage, 0);
  }

  /** The same bytes under another shape, or a part of them that begins `elementOffset` elements later. */
  view(shape: Shape, elementOffset = 0, dtype: DType = this.dtype): Tensor {
    this.materialize();
    const view = new Tensor(shape, dtype, this.#live(), this.byteOffset + elementOffset * 4);
    if (view.size === this.size) view.roomOf = this.roomOf;
    return view;
  }

  /** Number of elements. */
  get size(): number {
    return elements(this.shape);
  }

  /** Bytes of the elements. */
  get byteSize(): number {
    return this.size * 4;
  }

  /**
   * The buffer that holds the elements.
   *
   * @throws {Error} if the tensor was released, or forgotten and not materialized since
   */
  get buffer(): PooledBuffer {
    return this.#live().buffer;
  }

  /** True while other tensors hold the same bytes. */
  get isShared(): boolean {
    return this.#live().references > 1;
  }

  /** True once released. */
  get released(): boolean {
    return this.#storage === undefined && !this.#forgotten;
  }

  /**
   * Frees the bytes until {@link materialize} is called, when the recipe makes them once more.
   *
   * @throws {Error} if there is no recipe
   */
  forget(): void {
    if (!this.recipe || !this.#storage) throw new Error(`Cannot forget a tensor [${this.shape}] without a recipe`);
    this.#storage.release();
    this.#storage = undefined;
    this.#forgotten = true;
  }

  /** Computes the elements once more if they were forgotten. Whatever binds, copies or reads a tensor calls this first. */
  materialize(): void {
    if (!this.#forgotten) return;
    const made = this.recipe!();
    this.#storage = made.#live();
    this.#storage.references++;
    this.#forgotten = false;
    made.release();
  }

  /** Frees the tensor; its buffer returns to the pool with the last view of it. Releasing twice is harmless. */
  release(): void {
    this.owner?.delete(this);
    this.owner = undefined;
    this.#storage?.release();
    this.#storage = undefined;
    this.#forgotten = false;
    this.recipe = undefined;
  }

  #live(): Storage {
    if (this.#storage) return this.#storage;
    throw new Error(`Cannot use a tensor [${this.shape}] that was ${this.#forgotten ? "forgotten" : "released"}`);
  }
}

/** Number of elements of a shape. */
export function elements(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** A tensor whose elements are undefined until an operator writes them. */
export function empty(shape: Shape, dtype: DType = "f32"): Tensor {
  return Tensor.allocate(shape, dtype);
}

/** A tensor with the shape and type of another; its elements are undefined until written. */
export function emptyLike(x: Tensor): Tensor {
  return Tensor.allocate(x.shape, x.dtype);
}

/** A tensor of zeros. */
export function zeros(shape: Shape, dtype: DType = "f32"): Tensor {
  const result = Tensor.allocate(shape, dtype);
  clear(result);
  return result;
}

/**
 * A tensor with the host's values.
 *
 * @throws {RangeError} if the number of values does not fit the shape
 */
export function fromArray(values: HostArray, shape: Shape): Tensor {
  if (values.length !== elements(shape)) {
    throw new RangeError(`Cannot make a tensor [${shape}]: expected ${elements(shape)} values, found ${values.length}`);
  }
  const dtype = values instanceof Float32Array ? "f32" : values instanceof Uint32Array ? "u32" : "i32";
  const result = Tensor.allocate(shape, dtype);
  upload(result, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  return result;
}

/** Elements of which a binding may begin at a multiple: 256 bytes. */
export const BINDABLE = 64;

/**
 * Tensors of one shape with the host's values, in one upload: they are views of one buffer, to be read only.
 *
 * @throws {RangeError} if a number of values does not fit the shape
 */
export function fromArrays(values: readonly Float32Array<ArrayBuffer>[], shape: Shape): Tensor[] {
  const size = elements(shape), stride = Math.ceil(size / BINDABLE) * BINDABLE;
  const all = new Float32Array(values.length * stride);
  for (const [i, array] of values.entries()) {
    if (array.length !== size) {
      throw new RangeError(`Cannot make a tensor [${shape}]: expected ${size} values, found ${array.length}`);
    }
    all.set(array, i * stride);
  }
  const together = fromArray(all, [all.length]);
  const tensors = values.map((_, i) => together.view(shape, i * stride));
  together.release();
  return tensors;
}

/** Reads float tensors back to the host, in one wait. */
export async function toArrays(tensors: readonly Tensor[]): Promise<Float32Array<ArrayBuffer>[]> {
  return (await readBack(tensors)).map((bytes) => new Float32Array(bytes));
}

/** Reads a float tensor back to the host. */
export async function toArray(x: Tensor): Promise<Float32Array<ArrayBuffer>> {
  return (await toArrays([x]))[0];
}

/** Reads an integer tensor back to the host. */
export async function toIntegers(x: Tensor): Promise<Int32Array<ArrayBuffer>> {
  return new Int32Array((await readBack([x]))[0]);
}
