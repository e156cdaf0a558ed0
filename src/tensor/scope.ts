/** What a scope can own: a tensor. */
export interface Owned {
  /** The scope that frees it; `undefined` for what lives until it is released. */
  owner: Scope | undefined;
  /** Frees it. */
  release(): void;
}

let current: Scope | undefined;

/** The scope that new tensors belong to. */
export function currentScope(): Scope | undefined {
  return current;
}

/**
 * Frees what was made in it and not kept: `using scope = new Scope()`. Memory is deterministic, the garbage collector has
 * no part in it.
 */
export class Scope implements Disposable {
  readonly #outer = current;
  readonly #owned = new Set<Owned>();

  constructor() {
    current = this;
  }

  /** Makes this scope responsible for a tensor. */
  add(tensor: Owned): void {
    this.#owned.add(tensor);
  }

  /** Ends the responsibility for a tensor. */
  delete(tensor: Owned): void {
    this.#owned.delete(tensor);
  }

  /** Hands a tensor to the enclosing scope, or, where there is none, to the caller. */
  keep<T extends Owned>(tensor: T): T {
    this.#owned.delete(tensor);
    tensor.owner = this.#outer;
    this.#outer?.add(tensor);
    return tensor;
  }

  /** Frees all that is left. */
  [Symbol.dispose](): void {
    for (const tensor of [...this.#owned]) tensor.release();
    current = this.#outer;
  }
}

/** Runs `body` in a scope of its own and keeps only the tensor, or the tensors of the list, that it returns. */
export function scoped<T extends Owned | Owned[]>(body: () => T): T {
  using scope = new Scope();
  const result = body();
  for (const tensor of Array.isArray(result) ? result : [result]) scope.keep(tensor);
  return result;
}

/** Makes a tensor live until it is released by hand, whatever scope it was made in. */
export function persist<T extends Owned>(tensor: T): T {
  tensor.owner?.delete(tensor);
  tensor.owner = undefined;
  return tensor;
}
