import { cannotRead, quoted, type Refusal } from "./cannot_read.ts";
import { kindOf, PickleDict, PickleGlobal, PickleList, PickleTuple, type PickleValue } from "./pickle_values.ts";

/** What a pickle may refer to. */
export interface PickleRules {
  /** The file's name, for messages. */
  name: string;
  /** A global by module and name; `undefined` for one that is refused. */
  global(module: string, name: string): PickleGlobal | undefined;
  /** The object that a persistent id stands for. */
  persistent(id: PickleValue): PickleValue;
}

/** Operations of a pickle, as many as some hundred checkpoints of our largest network need together. */
const MOST_OPERATIONS = 1_000_000;

/** Nested containers; checkpoints have about five. */
const DEEPEST = 64;

/** Bytes of an integer; only the legacy container's magic number has more than eight. */
const LONGEST_INTEGER = 16;

const MARK = Symbol("mark");

/**
 * Reads one pickle, of protocols 2 to 5, with the operations that a state_dict needs and no others. Nothing is executed: a
 * pickle may only name globals that the rules define, and call those that they make callable.
 *
 * @param start where it begins
 * @returns the value, and the first byte after the pickle
 * @throws {UserError} of kind `data` for any other operation or global, by its name
 */
export function unpickle(bytes: Uint8Array, start: number, rules: PickleRules): { value: PickleValue; end: number } {
  return new Unpickler(bytes, start, rules).run();
}

class Unpickler {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #rules: PickleRules;
  readonly #fail: Refusal;
  readonly #stack: (PickleValue | typeof MARK)[] = [];
  readonly #memo = new Map<number, PickleValue>();
  #at: number;

  constructor(bytes: Uint8Array, start: number, rules: PickleRules) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = start;
    this.#rules = rules;
    this.#fail = cannotRead(rules.name);
  }

  run(): { value: PickleValue; end: number } {
    for (let count = 0; count < MOST_OPERATIONS; count++) {
      const at = this.#at;
      const code = this.#bytes[this.#take(1)];
      if (code === 0x2e) { // STOP
        const value = this.#pop();
        if (this.#stack.length > 0) throw this.#fail("a pickle of one value", `${this.#stack.length} more`);
        return { value, end: this.#at };
      }
      const operation = OPERATIONS.get(code);
      if (!operation) {
        const shown = code > 32 && code < 127 ? ` "${String.fromCharCode(code)}"` : "";
        throw this.#fail("operations that a state_dict needs", `0x${code.toString(16)}${shown} at byte ${at}`);
      }
      operation(this);
    }
    throw this.#fail(`a pickle of at most ${MOST_OPERATIONS} operations`, "more");
  }

  /** Moves on by a number of bytes and returns where they begin. */
  #take(count: number): number {
    const at = this.#at;
    if (count > this.#bytes.length - at) {
      throw this.#fail(
        `${count} more bytes of the pickle`,
        `${this.#bytes.length - at}; the file is cut off or damaged`,
      );
    }
    this.#at += count;
    return at;
  }

  #push(value: PickleValue): void {
    if (value instanceof PickleTuple && value.depth > DEEPEST) throw this.#tooDeep();
    this.#stack.push(value);
  }

  #pop(): PickleValue {
    const value = this.#stack.pop();
    if (value === undefined || value === MARK) throw this.#fail("a value on the pickle's stack", "none");
    return value;
  }

  /** The values above the last mark, which goes with them. */
  #popToMark(): PickleValue[] {
    const mark = this.#stack.lastIndexOf(MARK);
    if (mark < 0) throw this.#fail("a mark on the pickle's stack", "none");
    const values = this.#stack.splice(mark) as PickleValue[];
    values.shift();
    return values;
  }

  #tooDeep() {
    return this.#fail(`at most ${DEEPEST} nested containers`, "more");
  }

  static readonly byte = (self: Unpickler) => self.#bytes[self.#take(1)];
  static readonly uint16 = (self: Unpickler) => self.#view.getUint16(self.#take(2), true);
  static readonly uint32 = (self: Unpickler) => self.#view.getUint32(self.#take(4), true);
  static readonly int32 = (self: Unpickler) => self.#view.getInt32(self.#take(4), true);
  static readonly float64 = (self: Unpickler) => self.#view.getFloat64(self.#take(8), false);
  static readonly uint64 = (self: Unpickler) => Number(self.#view.getBigUint64(self.#take(8), true));

  /** A text whose length in bytes `length` reads. */
  static text(length: (self: Unpickler) => number): (self: Unpickler) => string {
    return (self) => {
      const count = length(self);
      const at = self.#take(count);
      try {
        return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(self.#bytes.subarray(at, at + count));
      } catch {
        throw self.#fail("texts in UTF-8", `other bytes at ${at}`);
      }
    };
  }

  static line(self: Unpickler): string {
    const end = self.#bytes.indexOf(0x0a, self.#at);
    if (end < 0 || end - self.#at > 1000) {
      throw self.#fail("the name of a global", "none; the file is cut off or damaged");
    }
    const at = self.#take(end + 1 - self.#at);
    return new TextDecoder().decode(self.#bytes.subarray(at, end));
  }

  /** A signed little-endian integer of as many bytes as the next one says. */
  static long(self: Unpickler): number | bigint {
    const count = Unpickler.byte(self);
    if (count > LONGEST_INTEGER) throw self.#fail(`integers of at most ${LONGEST_INTEGER} bytes`, `${count}`);
    const at = self.#take(count);
    let value = 0n;
    for (let i = count - 1; i >= 0; i--) value = value << 8n | BigInt(self.#bytes[at + i]);
    value = BigInt.asIntN(8 * count, value);
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  }

  /** Pushes what `read` reads. */
  static push(read: (self: Unpickler) => PickleValue): (self: Unpickler) => void {
    return (self) => self.#push(read(self));
  }

  static mark(self: Unpickler): void {
    self.#stack.push(MARK);
  }

  static pop(self: Unpickler): void {
    self.#pop();
  }

  static popMark(self: Unpickler): void {
    self.#popToMark();
  }

  static tupleOf(count: number): (self: Unpickler) => void {
    return (self) => {
      const items = Array.from({ length: count }, () => self.#pop()).reverse();
      self.#push(new PickleTuple(items));
    };
  }

  static tuple(self: Unpickler): void {
    self.#push(new PickleTuple(self.#popToMark()));
  }

  static append(self: Unpickler): void {
    const value = self.#pop();
    self.#extend([value]);
  }

  static appends(self: Unpickler): void {
    self.#extend(self.#popToMark());
  }

  #extend(values: readonly PickleValue[]): void {
    const list = this.#top();
    if (!(list instanceof PickleList)) throw this.#fail("a list to append to", kindOf(list));
    this.#checkOpen(list, values);
    for (const value of values) list.append(value);
    if (list.depth > DEEPEST) throw this.#tooDeep();
  }

  static setItem(self: Unpickler): void {
    const value = self.#pop(), key = self.#pop();
    self.#update([key, value]);
  }

  static setItems(self: Unpickler): void {
    self.#update(self.#popToMark());
  }

  static dict(self: Unpickler): void {
    const items = self.#popToMark();
    self.#push(new PickleDict());
    self.#update(items);
  }

  #update(items: readonly PickleValue[]): void {
    const dict = this.#top();
    if (!(dict instanceof PickleDict)) throw this.#fail("a dictionary to fill", kindOf(dict));
    if (items.length % 2 !== 0) throw this.#fail("keys with values", "a key without one");
    this.#checkOpen(dict, items);
    for (let i = 0; i < items.length; i += 2) this.#setIn(dict, items[i], items[i + 1]);
  }

  #setIn(dict: PickleDict, key: PickleValue, value: PickleValue): void {
    if (typeof key !== "string" && typeof key !== "number") throw this.#fail("texts or numbers as keys", kindOf(key));
    if (!dict.set(key, value)) throw this.#fail("every key once", `${quoted(String(key))} twice`);
    if (dict.depth > DEEPEST) throw this.#tooDeep();
  }

  #top(): PickleValue | undefined {
    const top = this.#stack[this.#stack.length - 1];
    return top === MARK ? undefined : top;
  }

  #checkOpen(container: PickleList | PickleDict, values: readonly PickleValue[]): void {
    if (container.sealed || values.includes(container)) throw this.#fail("no container that holds itself", "one");
  }

  /** MEMO operations: picklers number what they remember from 0 on, so an index beyond the bytes is made up. */
  static put(read: (self: Unpickler) => number): (self: Unpickler) => void {
    return (self) => {
      const index = read(self), value = self.#top();
      if (value === undefined) throw self.#fail("a value to remember", "none");
      if (index > self.#bytes.length) {
        throw self.#fail(`at most ${self.#bytes.length} remembered values`, `number ${index}`);
      }
      self.#memo.set(index, value);
    };
  }

  static get(read: (self: Unpickler) => number): (self: Unpickler) => void {
    return (self) => {
      const index = read(self), value = self.#memo.get(index);
      if (value === undefined) throw self.#fail("a remembered value", `none of number ${index}`);
      self.#push(value);
    };
  }

  static readonly memoCount = (self: Unpickler) => self.#memo.size;

  static global(self: Unpickler): void {
    const module = Unpickler.line(self), name = Unpickler.line(self);
    self.#pushGlobal(module, name);
  }

  static stackGlobal(self: Unpickler): void {
    const name = self.#pop(), module = self.#pop();
    if (typeof module !== "string" || typeof name !== "string") throw self.#fail("the name of a global", kindOf(name));
    self.#pushGlobal(module, name);
  }

  #pushGlobal(module: string, name: string): void {
    const known = this.#rules.global(module, name);
    if (!known) {
      throw this.#fail(
        "a state_dict of tensors alone",
        `the global ${quoted(`${module}.${name}`)}, which may run code; nothing was executed. ` +
          "Save the weights with torch.save(model.state_dict(), FILE)",
      );
    }
    this.#push(known);
  }

  static reduce(self: Unpickler): void {
    const args = self.#pop(), callee = self.#pop();
    if (!(callee instanceof PickleGlobal) || !callee.call) throw self.#fail("a global to call", kindOf(callee));
    if (!(args instanceof PickleTuple)) throw self.#fail(`a tuple of arguments of ${callee.name}`, kindOf(args));
    self.#push(callee.call(args.items));
  }

  /** Attributes of an OrderedDict, for example PyTorch's `_metadata`, mean nothing to us. */
  static build(self: Unpickler): void {
    const state = self.#pop(), object = self.#top();
    if (!(object instanceof PickleDict) || !(state instanceof PickleDict)) {
      throw self.#fail("attributes of a dictionary alone", `those of ${kindOf(object)}`);
    }
  }

  static persistent(self: Unpickler): void {
    self.#push(self.#rules.persistent(self.#pop()));
  }

  static protocol(self: Unpickler): void {
    const version = Unpickler.byte(self);
    if (version < 2 || version > 5) throw self.#fail("a pickle of protocol 2 to 5", `${version}`);
  }
}

const { push, text, put, get, tupleOf, byte, uint16, uint32, uint64, int32 } = Unpickler;

const OPERATIONS: ReadonlyMap<number, (self: Unpickler) => void> = new Map([
  [0x80, Unpickler.protocol], // PROTO
  [0x95, (self: Unpickler) => void uint64(self)], // FRAME: a hint for readers of streams
  [0x28, Unpickler.mark], // MARK
  [0x30, Unpickler.pop], // POP
  [0x31, Unpickler.popMark], // POP_MARK
  [0x4e, push(() => null)], // NONE
  [0x88, push(() => true)], // NEWTRUE
  [0x89, push(() => false)], // NEWFALSE
  [0x4a, push(int32)], // BININT
  [0x4b, push(byte)], // BININT1
  [0x4d, push(uint16)], // BININT2
  [0x8a, push(Unpickler.long)], // LONG1
  [0x47, push(Unpickler.float64)], // BINFLOAT
  [0x58, push(text(uint32))], // BINUNICODE
  [0x8c, push(text(byte))], // SHORT_BINUNICODE
  [0x8d, push(text(uint64))], // BINUNICODE8
  [0x54, push(text(uint32))], // BINSTRING, of Python 2
  [0x55, push(text(byte))], // SHORT_BINSTRING
  [0x29, tupleOf(0)], // EMPTY_TUPLE
  [0x85, tupleOf(1)], // TUPLE1
  [0x86, tupleOf(2)], // TUPLE2
  [0x87, tupleOf(3)], // TUPLE3
  [0x74, Unpickler.tuple], // TUPLE
  [0x5d, push(() => new PickleList())], // EMPTY_LIST
  [0x61, Unpickler.append], // APPEND
  [0x65, Unpickler.appends], // APPENDS
  [0x7d, push(() => new PickleDict())], // EMPTY_DICT
  [0x64, Unpickler.dict], // DICT
  [0x73, Unpickler.setItem], // SETITEM
  [0x75, Unpickler.setItems], // SETITEMS
  [0x71, put(byte)], // BINPUT
  [0x72, put(uint32)], // LONG_BINPUT
  [0x94, put(Unpickler.memoCount)], // MEMOIZE
  [0x68, get(byte)], // BINGET
  [0x6a, get(uint32)], // LONG_BINGET
  [0x63, Unpickler.global], // GLOBAL
  [0x93, Unpickler.stackGlobal], // STACK_GLOBAL
  [0x52, Unpickler.reduce], // REDUCE
  [0x62, Unpickler.build], // BUILD
  [0x51, Unpickler.persistent], // BINPERSID
]);
