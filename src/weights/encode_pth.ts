import type { ElementType, StoredTensor } from "./element_types.ts";
import { writeZip } from "./zip.ts";

/** Storage classes of PyTorch's by element type. */
const STORAGE_CLASSES: Partial<Record<ElementType, string>> = {
  F64: "DoubleStorage",
  F32: "FloatStorage",
  I64: "LongStorage",
  I32: "IntStorage",
  I16: "ShortStorage",
  I8: "CharStorage",
  U8: "ByteStorage",
  BOOL: "BoolStorage",
};

const MARK = [0x28], TUPLE = [0x74], EMPTY_TUPLE = [0x29], REDUCE = [0x52], STOP = [0x2e];

/**
 * Bytes of a PyTorch checkpoint in the zip container: an `OrderedDict` of contiguous tensors, the same bytes for the same
 * contents. PyTorch reads it from version 1.4 on, with `weights_only` too.
 *
 * @param tensors by name, in the order of the state_dict
 * @throws {RangeError} for an element type that PyTorch has no storage class for
 */
export function encodePth(tensors: ReadonlyMap<string, StoredTensor>): Uint8Array<ArrayBuffer> {
  const members = new Map<string, Uint8Array>([["archive/data.pkl", pickleStateDict(tensors)]]);
  members.set("archive/byteorder", new TextEncoder().encode("little"));
  let key = 0;
  for (const { data } of tensors.values()) {
    members.set(`archive/data/${key++}`, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  members.set("archive/version", new TextEncoder().encode("3\n"));
  return writeZip(members);
}

/** The pickle of a state_dict whose storages are numbered in its order, protocol 2. */
export function pickleStateDict(
  tensors: ReadonlyMap<string, StoredTensor>,
  { legacy = false }: { legacy?: boolean } = {},
): Uint8Array<ArrayBuffer> {
  const bytes: number[] = [0x80, 2];
  const write = (...parts: (readonly number[])[]) => {
    for (const part of parts) for (const byte of part) bytes.push(byte);
  };
  const ordered = [...global("collections", "OrderedDict"), ...EMPTY_TUPLE, ...REDUCE];
  write(ordered, MARK);
  let key = 0;
  for (const [name, { dtype, shape, data }] of tensors) {
    const storageClass = STORAGE_CLASSES[dtype];
    if (!storageClass) throw new RangeError(`Cannot store "${name}": expected a type of PyTorch's, found ${dtype}`);
    write(text(name), global("torch._utils", "_rebuild_tensor_v2"), MARK);
    write(MARK, text("storage"), global("torch", storageClass), text(String(key++)), text("cpu"), integer(data.length));
    write(legacy ? [0x4e] : [], TUPLE, [0x51]);
    write(integer(0), tuple(shape), tuple(contiguousStrides(shape)), [0x89], ordered, TUPLE, REDUCE);
  }
  write([0x75], STOP);
  return Uint8Array.from(bytes);
}

function contiguousStrides(shape: readonly number[]): number[] {
  let step = 1;
  return shape.toReversed().map((size) => {
    const stride = step;
    step *= Math.max(size, 1);
    return stride;
  }).reverse();
}

function tuple(values: readonly number[]): number[] {
  return [...MARK, ...values.flatMap(integer), ...TUPLE];
}

function integer(value: number): number[] {
  if (value < 2 ** 8) return [0x4b, value];
  const bytes = [0, 8, 16, 24].map((shift) => Math.floor(value / 2 ** shift) & 0xff);
  if (value < 2 ** 31) return [0x4a, ...bytes];
  throw new RangeError(`Cannot store ${value} elements: expected fewer than 2^31`);
}

function text(value: string): number[] {
  const bytes = new TextEncoder().encode(value);
  return [0x58, ...[0, 8, 16, 24].map((shift) => bytes.length >>> shift & 0xff), ...bytes];
}

function global(module: string, name: string): number[] {
  return [0x63, ...new TextEncoder().encode(`${module}\n${name}\n`)];
}
