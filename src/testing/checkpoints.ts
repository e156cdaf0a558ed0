import { pickleStateDict } from "../weights/encode_pth.ts";
import type { StoredTensor } from "../weights/safetensors.ts";
import { writeZip } from "../weights/zip.ts";

type Bytes = readonly number[];

const encode = (text: string): number[] => [...new TextEncoder().encode(text)];
const little = (value: number, count: number) =>
  Array.from({ length: count }, (_, i) => Math.floor(value / 2 ** (8 * i)) & 0xff);

/** Operations of a pickle, to write those that no pickler would. */
export const op = {
  mark: [0x28] as Bytes,
  stop: [0x2e] as Bytes,
  none: [0x4e] as Bytes,
  false: [0x89] as Bytes,
  list: [0x5d] as Bytes,
  dict: [0x7d] as Bytes,
  setItems: [0x75] as Bytes,
  append: [0x61] as Bytes,
  tuple: [0x74] as Bytes,
  tuple1: [0x85] as Bytes,
  emptyTuple: [0x29] as Bytes,
  reduce: [0x52] as Bytes,
  persistent: [0x51] as Bytes,
  /** A text. */
  text: (text: string): Bytes => [0x58, ...little(encode(text).length, 4), ...encode(text)],
  /** A 32-bit integer. */
  int: (value: number): Bytes => [0x4a, ...little(value >>> 0, 4)],
  /** An integer of up to 255 bytes. */
  long: (...bytes: number[]): Bytes => [0x8a, bytes.length, ...bytes],
  /** A global. */
  global: (module: string, name: string): Bytes => [0x63, ...encode(`${module}\n${name}\n`)],
  /** Remembers the top of the stack under a 32-bit index. */
  put: (index: number): Bytes => [0x72, ...little(index, 4)],
  /** What is remembered under an index. */
  get: (index: number): Bytes => [0x6a, ...little(index, 4)],
};

/** A pickle of protocol 2 from its operations, without STOP at the end. */
export function pickle(...parts: readonly Bytes[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from([0x80, 2, ...parts.flat()]);
}

/** What a test may say of a tensor in {@link stateOf}. */
export interface TensorParts {
  /** Elements that the pickle says its storage "0" has. */
  count?: number;
  /** First element. */
  offset?: number;
  /** Sizes, pickled. */
  shape?: Bytes;
  /** Strides, pickled. */
  strides?: Bytes;
  /** Class of the storage. */
  type?: string;
  /** A sixth element of the reference to the storage, pickled. */
  view?: Bytes;
}

/** The operations that make a tensor, of 2 × 3 floats unless said otherwise. */
function tensorOf({ count = 6, offset = 0, shape, strides, type = "FloatStorage", view = [] }: TensorParts): Bytes[] {
  const storage = [op.mark, op.text("storage"), op.global("torch", type), op.text("0"), op.text("cpu"), op.int(count)];
  return [
    ...[op.global("torch._utils", "_rebuild_tensor_v2"), op.mark, ...storage, view, op.tuple, op.persistent],
    ...[op.int(offset), shape ?? sizes(2, 3), strides ?? sizes(3, 1), op.false, op.dict, op.tuple, op.reduce],
  ];
}

/** The pickle of `OrderedDict(w=tensor, w1=tensor, …)`, all tensors on storage "0". */
export function stateOf(...tensors: TensorParts[]): Uint8Array<ArrayBuffer> {
  const items = (tensors.length > 0 ? tensors : [{}]).flatMap((
    parts,
    i,
  ) => [op.text(`w${i || ""}`), ...tensorOf(parts)]);
  const start = [op.global("collections", "OrderedDict"), op.emptyTuple, op.reduce, op.mark];
  return pickle(...start, ...items, op.setItems, op.stop);
}

/** A pickled tuple of integers. */
export function sizes(...values: number[]): Bytes {
  return [op.mark, ...values.map(op.int), op.tuple].flat();
}

/** A checkpoint in the zip container. */
export function zipCheckpoint(
  pickled: Uint8Array,
  storages: Readonly<Record<string, Uint8Array>> = {},
  more: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const members = new Map<string, Uint8Array>([["a/data.pkl", pickled]]);
  for (const [key, bytes] of Object.entries(storages)) members.set(`a/data/${key}`, bytes);
  members.set("a/version", Uint8Array.from(encode("3\n")));
  for (const [path, text] of Object.entries(more)) members.set(path, Uint8Array.from(encode(text)));
  return writeZip(members);
}

/**
 * A checkpoint as PyTorch before 1.6 wrote them.
 *
 * @param faults what may be wrong: the byte order, and the list of the storages' keys
 */
export function legacyCheckpoint(
  tensors: ReadonlyMap<string, StoredTensor>,
  faults: { bigEndian?: boolean; keys?: readonly string[] } = {},
): Uint8Array<ArrayBuffer> {
  const machine = [op.mark, op.text("little_endian"), faults.bigEndian ? op.false : [0x88], op.setItems];
  const keys = faults.keys ?? [...tensors.keys()].map((_, i) => String(i));
  const magic = [0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];
  const parts: Uint8Array[] = [
    pickle(op.long(...magic), op.stop),
    pickle(op.int(1001), op.stop),
    pickle(op.dict, ...machine, op.stop),
    pickleStateDict(tensors, { legacy: true }),
    pickle(op.list, ...keys.flatMap((key) => [op.text(key), op.append]), op.stop),
  ];
  for (const { data } of tensors.values()) {
    parts.push(Uint8Array.from(little(data.length, 8)), new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}
