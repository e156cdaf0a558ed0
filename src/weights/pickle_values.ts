/** A value that our unpickler makes. */
export type PickleValue = null | boolean | number | bigint | string | PickleContainer | External;

/** A list, tuple or dictionary of Python's. */
export type PickleContainer = PickleList | PickleTuple | PickleDict;

/** An object that the caller of the unpickler defines: a global that may be named, or what calling one returns. */
export abstract class External {}

/** A global that a pickle may name. */
export class PickleGlobal extends External {
  /**
   * @param name module and name, for messages
   * @param call what calling it with positional arguments returns; none for a global that is only passed on
   */
  constructor(readonly name: string, readonly call?: (args: readonly PickleValue[]) => PickleValue) {
    super();
  }
}

/**
 * What containers have in common: how deep they are nested, and whether they are part of another one. A pickler finishes a
 * container before it puts it into another, so a change after that means a container that holds itself.
 */
abstract class Container {
  /** Containers below it, at most. */
  depth = 0;
  /** True once it is part of another container. */
  sealed = false;

  /** Takes note of a new element. */
  protected note(value: PickleValue): void {
    if (!(value instanceof Container)) return;
    value.sealed = true;
    this.depth = Math.max(this.depth, value.depth + 1);
  }
}

/** A tuple. */
export class PickleTuple extends Container {
  /** @param items its elements */
  constructor(readonly items: readonly PickleValue[]) {
    super();
    for (const item of items) this.note(item);
  }
}

/** A list. */
export class PickleList extends Container {
  /** Its elements. */
  readonly items: PickleValue[] = [];

  /** Appends an element. */
  append(value: PickleValue): void {
    this.items.push(value);
    this.note(value);
  }
}

/** A dictionary, plain or ordered. */
export class PickleDict extends Container {
  /** Its values by key, in order. */
  readonly entries: Map<PickleValue, PickleValue> = new Map();

  /** Sets a value; false if the key is there already. */
  set(key: PickleValue, value: PickleValue): boolean {
    if (this.entries.has(key)) return false;
    this.entries.set(key, value);
    this.note(value);
    return true;
  }
}

/** What a value is, for messages. */
export function kindOf(value: PickleValue | undefined): string {
  if (value === undefined) return "nothing";
  if (value === null) return "None";
  if (value instanceof PickleTuple) return `a tuple of ${value.items.length}`;
  if (value instanceof PickleList) return `a list of ${value.items.length}`;
  if (value instanceof PickleDict) return `a dictionary of ${value.entries.size}`;
  if (value instanceof PickleGlobal) return value.name;
  if (value instanceof External) return "a tensor or storage";
  return typeof value === "string" ? "a text" : `${value}`;
}
