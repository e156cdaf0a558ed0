import { cannotRead, quoted } from "./cannot_read.ts";
import { decodeElements, type ElementArray, type FileType, fileTypeBytes, type StoredTensor } from "./element_types.ts";
import {
  External,
  kindOf,
  PickleDict,
  PickleGlobal,
  PickleList,
  PickleTuple,
  type PickleValue,
} from "./pickle_values.ts";
import type { PickleRules } from "./unpickle.ts";

/** Storage classes of PyTorch's, and the element types that we read them as. */
const STORAGES: Record<string, FileType> = {
  DoubleStorage: "F64",
  FloatStorage: "F32",
  HalfStorage: "F16",
  BFloat16Storage: "BF16",
  LongStorage: "I64",
  IntStorage: "I32",
  ShortStorage: "I16",
  CharStorage: "I8",
  ByteStorage: "U8",
  BoolStorage: "BOOL",
};

/** Element types by the names that PyTorch gives them; newer versions write them beside storages without a type. */
const DTYPES: Record<string, FileType> = {
  float64: "F64",
  float32: "F32",
  float16: "F16",
  bfloat16: "BF16",
  int64: "I64",
  uint64: "U64",
  int32: "I32",
  uint32: "U32",
  int16: "I16",
  uint16: "U16",
  int8: "I8",
  uint8: "U8",
  bool: "BOOL",
};

const UNTYPED = ["UntypedStorage", "_UntypedStorage"];

/** Dimensions that PyTorch allows. */
const MOST_DIMENSIONS = 64;

/** A storage class or element type, passed on as an argument. */
class TypeGlobal extends PickleGlobal {
  constructor(name: string, readonly type: FileType | undefined) {
    super(name);
  }
}

/** A storage that a pickle refers to; its bytes lie elsewhere in the file. */
export class StorageReference extends External {
  /**
   * @param key its name in the file
   * @param type element type, `undefined` for plain bytes
   * @param count elements
   */
  constructor(readonly key: string, readonly type: FileType | undefined, readonly count: number) {
    super();
  }

  /** Length of its contents. */
  get bytes(): number {
    return this.count * (this.type ? fileTypeBytes(this.type)! : 1);
  }
}

/** A tensor as a view of a storage, checked: inside of it, no element twice. */
export class TensorReference extends External {
  /** @param offset, strides in elements */
  constructor(
    readonly storage: StorageReference,
    readonly type: FileType,
    readonly offset: number,
    readonly shape: readonly number[],
    readonly strides: readonly number[],
  ) {
    super();
  }

  /** Elements from the first to the last one, those between that are not its own included. */
  get span(): number {
    if (this.shape.includes(0)) return 0;
    return this.shape.reduce((last, size, axis) => last + (size - 1) * this.strides[axis], 1);
  }

  /** Bytes of {@link span}. */
  get spanBytes(): number {
    return this.span * fileTypeBytes(this.type)!;
  }
}

/** Rules for pickles of PyTorch's, and the storages that were referred to. */
export interface TorchRules extends PickleRules {
  /** By key. */
  readonly storages: ReadonlyMap<string, StorageReference>;
}

/**
 * The globals of a state_dict, and its references to storages.
 *
 * @param name the file's name, for messages
 */
export function torchRules(name: string): TorchRules {
  const fail = cannotRead(name);
  const storages = new Map<string, StorageReference>();
  const globals = new Map<string, PickleGlobal>();
  const define = (global: PickleGlobal) => globals.set(global.name, global);
  const callable = (global: string, call: PickleGlobal["call"]) => define(new PickleGlobal(global, call));
  for (const [storage, type] of Object.entries(STORAGES)) define(new TypeGlobal(`torch.${storage}`, type));
  for (const [dtype, type] of Object.entries(DTYPES)) define(new TypeGlobal(`torch.${dtype}`, type));
  for (const untyped of UNTYPED) {
    for (const module of ["torch", "torch.storage"]) define(new TypeGlobal(`${module}.${untyped}`, undefined));
  }
  callable("collections.OrderedDict", (args) => orderedDict(args, name));
  callable("torch._utils._rebuild_tensor", ([storage, offset, shape, strides]) => {
    return tensorReference({ storage, offset, shape, strides, type: undefined }, name);
  });
  callable("torch._utils._rebuild_tensor_v2", ([storage, offset, shape, strides]) => {
    return tensorReference({ storage, offset, shape, strides, type: undefined }, name);
  });
  callable("torch._utils._rebuild_tensor_v3", ([storage, offset, shape, strides, , , type]) => {
    return tensorReference({ storage, offset, shape, strides, type }, name);
  });
  callable("torch._utils._rebuild_parameter", ([tensor]) => {
    if (!(tensor instanceof TensorReference)) throw fail("a parameter of a tensor", kindOf(tensor));
    return tensor;
  });
  return {
    name,
    storages,
    global: (module, global) => globals.get(`${module}.${global}`),
    persistent(id) {
      const storage = storageReference(id, name);
      const known = storages.get(storage.key);
      if (known && (known.type !== storage.type || known.count !== storage.count)) {
        throw fail(`storage ${quoted(storage.key)} always of one type and length`, "it with another one");
      }
      if (!known) storages.set(storage.key, storage);
      return known ?? storage;
    },
  };
}

/** `OrderedDict()`, or the form of Python 2, `OrderedDict([[key, value], …])`. */
function orderedDict(args: readonly PickleValue[], name: string): PickleDict {
  const fail = cannotRead(name);
  const dict = new PickleDict();
  if (args.length === 0) return dict;
  if (args.length !== 1 || !(args[0] instanceof PickleList)) throw fail("an OrderedDict of a list", kindOf(args[0]));
  for (const pair of args[0].items) {
    const items = pair instanceof PickleList || pair instanceof PickleTuple ? pair.items : [];
    if (items.length !== 2 || typeof items[0] !== "string") throw fail("pairs of key and value", kindOf(pair));
    if (!dict.set(items[0], items[1])) throw fail("every key once", `${quoted(items[0])} twice`);
  }
  return dict;
}

/** `("storage", class, key, location, count)`, in the legacy container with a sixth element, which is None. */
function storageReference(id: PickleValue, name: string): StorageReference {
  const fail = cannotRead(name);
  const [tag, type, key, , count, view] = id instanceof PickleTuple ? id.items : [];
  if (tag !== "storage" || !(type instanceof TypeGlobal) || typeof key !== "string" || !isCount(count)) {
    throw fail("references to storages by class, key and length", kindOf(id));
  }
  if (view !== undefined && view !== null) throw fail("whole storages", "a view of one, from PyTorch before 0.4");
  return new StorageReference(key, type.type, count);
}

type TensorArguments = Record<"storage" | "offset" | "shape" | "strides" | "type", PickleValue | undefined>;

function tensorReference({ storage, offset, shape, strides, type }: TensorArguments, name: string): TensorReference {
  const fail = cannotRead(name);
  if (!(storage instanceof StorageReference)) throw fail("a tensor on a storage", kindOf(storage));
  const sizes = counts(shape), steps = counts(strides);
  if (!sizes || !steps || !isCount(offset) || sizes.length !== steps.length || sizes.length > MOST_DIMENSIONS) {
    throw fail("an offset, sizes and as many strides, none of them negative", `other ones, ${kindOf(shape)}`);
  }
  const own = type === undefined ? storage.type : type instanceof TypeGlobal ? type.type : undefined;
  if (!own) throw fail("an element type of a tensor", kindOf(type));
  const tensor = new TensorReference(storage, own, offset, sizes, steps);
  const described = `[${sizes}] with strides [${steps}] from element ${offset}`;
  const available = Math.floor(storage.bytes / fileTypeBytes(own)!);
  if (!(offset + tensor.span <= available)) {
    throw fail(`a tensor inside of its storage of ${available} elements`, described);
  }
  // Every dimension must step over all that smaller ones reach; PyTorch's own non-overlapping tensors do.
  let reach = 0;
  const axes = sizes.map((size, axis) => ({ size, step: steps[axis] })).filter(({ size }) => size > 1);
  for (const { size, step } of axes.sort((a, b) => a.step - b.step)) {
    if (step <= reach && !sizes.includes(0)) throw fail("a tensor without elements that share memory", described);
    reach += (size - 1) * step;
  }
  return tensor;
}

function counts(value: PickleValue | undefined): number[] | undefined {
  if (!(value instanceof PickleTuple)) return undefined;
  return value.items.every(isCount) ? value.items as number[] : undefined;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/**
 * Elements of a tensor, row-major, as a copy.
 *
 * @param storage bytes of its storage
 */
export function readTensor(tensor: TensorReference, storage: Uint8Array): StoredTensor {
  const { type, offset, shape, strides } = tensor;
  const bytes = fileTypeBytes(type)!;
  const { dtype, data } = decodeElements(type, storage.subarray(offset * bytes, offset * bytes + tensor.spanBytes));
  const size = shape.reduce((a, b) => a * b, 1);
  let step = 1;
  const isContiguous = size < 2 || shape.toReversed().every((length, i) => {
    const fits = length === 1 || strides[shape.length - 1 - i] === step;
    step *= length;
    return fits;
  });
  return { dtype, shape, data: isContiguous ? data : gather(data, { size, shape, strides }) };
}

function gather(
  source: ElementArray,
  { size, shape, strides }: { size: number; shape: readonly number[]; strides: readonly number[] },
): ElementArray {
  const result = new (source.constructor as new (length: number) => ElementArray)(size);
  const position = shape.map(() => 0);
  for (let i = 0, at = 0; i < size; i++) {
    result[i] = source[at];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += strides[axis];
      if (++position[axis] < shape[axis]) break;
      at -= shape[axis] * strides[axis];
      position[axis] = 0;
    }
  }
  return result;
}
