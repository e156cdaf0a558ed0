import { cannotRead, largestContents, quoted } from "./cannot_read.ts";
import type { StoredTensor } from "./element_types.ts";
import { kindOf, PickleDict, PickleList, type PickleValue } from "./pickle_values.ts";
import { readTensor, type StorageReference, TensorReference, torchRules } from "./torch_objects.ts";
import { unpickle } from "./unpickle.ts";
import { readZip } from "./zip.ts";

/** Contents of a PyTorch checkpoint. */
export interface PthFile {
  /** Arrays by name, in the order of the state_dict. */
  tensors: Map<string, StoredTensor>;
  /** How it is packed: by PyTorch since 1.6, or before. */
  container: "zip" | "legacy";
  /** Where the state_dict lies in a checkpoint that holds more, for example "model". */
  nested?: string;
}

/** First object of a legacy file. */
const LEGACY_MAGIC = 0x1950a86a20f9469cfc6cn;
const LEGACY_PROTOCOL = 1001;

/** Keys under which training scripts put the state_dict beside other things. */
const NESTED = ["state_dict", "model", "model_state_dict"];

/** Members of a zip container beside the pickle and the storages, below its folder. */
const KNOWN_MEMBERS = /^(version|byteorder|\.format_version|\.storage_alignment|\.data\/[\w.-]+)$/;

/** Whether bytes begin like a PyTorch checkpoint of either container. */
export function isPth(bytes: Uint8Array): boolean {
  const begins = (...start: number[]) => start.every((byte, i) => bytes[i] === byte);
  return begins(0x50, 0x4b, 3, 4) || begins(0x80, 2, 0x8a);
}

/**
 * Reads the state_dict of a PyTorch checkpoint, `.pth` or `.pt`, of either container. Its pickle is not executed: see
 * {@link unpickle}. Half-precision elements become float32, all others stay as they are.
 *
 * @param name the file's name, for messages
 * @throws {UserError} of kind `data` if it is not one, is damaged, or holds anything but tensors by name
 */
export function decodePth(bytes: Uint8Array<ArrayBuffer>, name: string): PthFile {
  const isZip = bytes[0] === 0x50;
  const { root, storage } = isZip ? openZip(bytes, name) : openLegacy(bytes, name);
  const { state, nested } = findState(root, name);
  const read = new Map<TensorReference, StoredTensor>();
  const tensors = new Map<string, StoredTensor>();
  let left = largestContents(bytes.length); // many tensors may show the same storage
  for (const [key, reference] of state) {
    let tensor = read.get(reference);
    if (!tensor) {
      left -= reference.spanBytes;
      if (left < 0) {
        throw cannotRead(name)("tensors that hardly share their storages", "views far larger than the file");
      }
      read.set(reference, tensor = readTensor(reference, storage(reference.storage)));
    }
    tensors.set(key, tensor);
  }
  return { tensors, container: isZip ? "zip" : "legacy", nested };
}

interface Opened {
  /** The pickled object. */
  root: PickleValue;
  /** Bytes of a storage. */
  storage(reference: StorageReference): Uint8Array;
}

function openZip(bytes: Uint8Array<ArrayBuffer>, name: string): Opened {
  const fail = cannotRead(name);
  const members = readZip(bytes, name);
  const pickles = [...members.keys()].filter((path) => /^[^/]+\/data\.pkl$/.test(path));
  if (pickles.length !== 1) throw fail("a checkpoint with one FOLDER/data.pkl", `${pickles.length} of them`);
  const folder = pickles[0].slice(0, -"data.pkl".length);
  if (members.has(`${folder}constants.pkl`)) {
    throw fail("a state_dict", "a TorchScript program. Save the weights with torch.save(model.state_dict(), FILE)");
  }
  const rules = torchRules(name);
  const pickle = members.get(pickles[0])!;
  const { value: root, end } = unpickle(pickle, 0, rules);
  if (end !== pickle.length) throw fail("one pickle in data.pkl", `${pickle.length - end} more bytes`);
  const path = ({ key }: StorageReference) => `${folder}data/${key}`;
  const storages = new Map([...rules.storages.values()].map((one) => [path(one), one]));
  for (const [member, contents] of members) {
    const rest = member.startsWith(folder) ? member.slice(folder.length) : undefined;
    const storage = storages.get(member);
    if (storage && contents.length !== storage.bytes) {
      throw fail(`${storage.bytes} bytes of storage ${quoted(storage.key)}`, `${contents.length}`);
    }
    if (rest === "byteorder" && new TextDecoder().decode(contents) !== "little") {
      throw fail("little-endian storages", `byteorder ${quoted(new TextDecoder().decode(contents))}`);
    }
    if (!storage && member !== pickles[0] && !(rest !== undefined && KNOWN_MEMBERS.test(rest))) {
      throw fail("members that a checkpoint has", quoted(member));
    }
  }
  for (const [member, { key }] of storages) {
    if (!members.has(member)) throw fail(`storage ${quoted(key)}`, `no member ${quoted(member)}`);
  }
  return { root, storage: (reference) => members.get(path(reference))! };
}

/** Five pickles (magic number, protocol, machine, object, keys of the storages), then the storages' lengths and bytes. */
function openLegacy(bytes: Uint8Array<ArrayBuffer>, name: string): Opened {
  const fail = cannotRead(name);
  const rules = torchRules(name);
  let at = 0;
  const next = () => {
    const { value, end } = unpickle(bytes, at, rules);
    at = end;
    return value;
  };
  if (next() !== LEGACY_MAGIC) throw fail("the magic number of a PyTorch checkpoint", "another one");
  const protocol = next();
  if (protocol !== LEGACY_PROTOCOL) throw fail(`version ${LEGACY_PROTOCOL} of the legacy format`, kindOf(protocol));
  const machine = next();
  if (!(machine instanceof PickleDict) || machine.entries.get("little_endian") !== true) {
    throw fail("little-endian storages", "a machine of another byte order");
  }
  const root = next();
  const keys = next();
  const listed = keys instanceof PickleList ? keys.items : [];
  const distinct = new Set(listed);
  if (distinct.size !== listed.length || distinct.symmetricDifference(new Set(rules.storages.keys())).size > 0) {
    throw fail(`a list of the ${rules.storages.size} storages`, `${kindOf(keys)} that differs`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const contents = new Map<string, Uint8Array>();
  for (const key of listed as string[]) {
    const { count, bytes: length } = rules.storages.get(key)!;
    if (at + 8 > bytes.length) throw fail(`storage ${quoted(key)}`, "the end of the file; it is cut off");
    const found = view.getBigInt64(at, true);
    if (found !== BigInt(count)) throw fail(`${count} elements of storage ${quoted(key)}`, `${found}`);
    at += 8;
    if (length > bytes.length - at) {
      throw fail(`${length} bytes of storage ${quoted(key)}`, `${bytes.length - at}; the file is cut off`);
    }
    contents.set(key, bytes.subarray(at, at + length));
    at += length;
  }
  if (at !== bytes.length) throw fail(`${at} bytes`, `${bytes.length}`);
  return { root, storage: ({ key }) => contents.get(key)! };
}

/** The tensors by name, at the root or one dictionary below. */
function findState(root: PickleValue, name: string): { state: Map<string, TensorReference>; nested?: string } {
  const fail = cannotRead(name);
  if (!(root instanceof PickleDict)) throw fail("a state_dict: tensors by name", kindOf(root));
  const nested = NESTED.find((key) => root.entries.get(key) instanceof PickleDict);
  const dict = nested === undefined ? root : root.entries.get(nested) as PickleDict;
  const state = new Map<string, TensorReference>();
  for (const [key, value] of dict.entries) {
    if (typeof key !== "string" || !(value instanceof TensorReference)) {
      throw fail("a state_dict: tensors by name", `${kindOf(value)} under ${quoted(String(key))}`);
    }
    state.set(key, value);
  }
  if (state.size === 0) throw fail("a state_dict: tensors by name", "an empty one");
  return { state, nested };
}
