import type { Random } from "../../random.ts";
import { legacyCheckpoint } from "../../testing/checkpoints.ts";
import { encodePth } from "../../weights/encode_pth.ts";
import { ELEMENT_TYPES, type StoredTensor } from "../../weights/element_types.ts";
import { encodeSafetensors } from "../../weights/safetensors.ts";
import { decodeWeights } from "../../weights/weight_file.ts";
import { readZip, writeZip } from "../../weights/zip.ts";
import { readModelFile } from "../../model/model_file.ts";
import { expect, type FuzzFormat, outcomeOf } from "../format.ts";
import { fields, joined, noise, spoiledBytes, spoilField } from "../mutate_bytes.ts";
import { type Json, spoiledJson, spoiledJsonText } from "../mutate_json.ts";

const TENSORS = new Map<string, StoredTensor>([
  ["conv1.weight", { dtype: "F32", shape: [2, 3], data: Float32Array.of(1, -2.5, 3, 0.1, 5, -6) }],
  ["n", { dtype: "I64", shape: [], data: BigInt64Array.of(-7n) }],
  ["d", { dtype: "F64", shape: [1, 2], data: Float64Array.of(0.1, 1e300) }],
  ["flags", { dtype: "BOOL", shape: [3], data: Uint8Array.of(1, 0, 1) }],
  ["none", { dtype: "I32", shape: [0, 4], data: new Int32Array(0) }],
]);

/** What a model of ours says of itself, some of it. */
const METADATA = {
  step: "30",
  configuration: JSON.stringify({ planes: 8 }),
  classes: JSON.stringify([{ value: 1, name: "liver" }]),
  training: JSON.stringify({ optimizer: "sgd", steps: 30 }),
};

/** Models, snapshots and any other weights in the safetensors format. */
export const safetensors: FuzzFormat = {
  seeds: () => Promise.resolve([encodeSafetensors(TENSORS), encodeSafetensors(TENSORS, METADATA)]),
  mutate: spoiledSafetensors,
  check: (bytes) => checkWeights(bytes, "a.safetensors"),
};

/** A header that is another one, of the right length; else other bytes. */
export function spoiledSafetensors(seed: Uint8Array<ArrayBuffer>, random: Random): Uint8Array<ArrayBuffer> {
  if (random.chance(0.2)) return spoiledBytes(seed, random);
  const length = Number(new DataView(seed.buffer, seed.byteOffset).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(seed.subarray(8, 8 + length))) as { [key: string]: Json };
  const data = random.chance(0.2) ? spoiledBytes(seed.slice(8 + length), random) : seed.subarray(8 + length);
  return withHeader(spoiledMetadata(header, random) ?? spoiledJson(header, random), data);
}

/** The metadata are texts of JSON themselves: one of them with another value inside. */
function spoiledMetadata(header: { [key: string]: Json }, random: Random): Uint8Array<ArrayBuffer> | undefined {
  const metadata = header.__metadata__ as Record<string, string>;
  const keys = Object.keys(metadata ?? {});
  if (keys.length === 0 || random.chance(0.5)) return undefined;
  const key = random.pick(keys);
  const text = spoiledJsonText(JSON.parse(metadata[key]), random);
  return new TextEncoder().encode(JSON.stringify({ ...header, __metadata__: { ...metadata, [key]: text } }));
}

function withHeader(header: Uint8Array, data: Uint8Array): Uint8Array<ArrayBuffer> {
  const length = new DataView(new ArrayBuffer(8));
  length.setBigUint64(0, BigInt(header.length), true);
  return joined([new Uint8Array(length.buffer), header, data]);
}

/** PyTorch's container of today, a zip archive with a pickle. */
export const pthZip: FuzzFormat = {
  seeds: () => Promise.resolve([encodePth(TENSORS)]),
  mutate(seed, random) {
    if (random.chance(0.3)) return spoiledBytes(seed, random);
    const members = readZip(seed, "seed");
    const names = [...members.keys()];
    const name = random.chance(0.6) ? names.find((one) => one.endsWith(".pkl"))! : random.pick(names);
    const changed = name.endsWith(".pkl")
      ? spoiledPickle(members.get(name)!, random)
      : spoiledBytes(members.get(name)!, random);
    const result = new Map<string, Uint8Array>(members);
    if (random.chance(0.9)) result.set(name, changed);
    else result.delete(name);
    const bytes = writeZip(result); // with right checksums
    if (random.chance(0.3)) spoilField(bytes, random.pick(endFields(bytes.length)), random);
    return bytes;
  },
  check: (bytes) => checkWeights(bytes, "a.pth"),
};

/** PyTorch's container before 1.6: pickles behind one another, then the storages. */
export const pthLegacy: FuzzFormat = {
  seeds: () => Promise.resolve([legacyCheckpoint(TENSORS)]),
  mutate(seed, random) {
    if (random.chance(0.3)) return spoiledBytes(seed, random);
    return spoiledPickle(seed, random);
  },
  check: (bytes) => checkWeights(bytes, "a.pth"),
};

/** Opcodes of pickles, those that make and call things among them. */
const OPCODES = [
  ..."().0?BCFGIJKLMNQRSTUVX]abcdeghijlopqrstu}\x80\x81\x82\x83\x84\x85\x86\x87\x88\x89\x8a\x8b\x8c\x94\x95",
]
  .map((letter) => letter.charCodeAt(0));

/** Names that a pickle could call. */
const GLOBALS = ["cposix\nsystem\n", "cbuiltins\neval\n", "ctorch\nFloatStorage\n", "ccollections\nOrderedDict\n"];

/** Other opcodes, other lengths, calls of what must never be called. */
function spoiledPickle(pickle: Uint8Array<ArrayBuffer>, random: Random): Uint8Array<ArrayBuffer> {
  let result = pickle.slice();
  do {
    const at = random.integer(Math.max(1, Math.min(result.length, 600)));
    if (random.chance(0.4)) result[at] = random.pick(OPCODES);
    else if (random.chance(0.5)) result = spoiledBytes(result, random);
    else {
      const inserted = random.chance(0.4)
        ? new TextEncoder().encode(random.pick(GLOBALS))
        : Uint8Array.of(random.pick(OPCODES), ...noise(random.integer(5), random));
      result = joined([result.subarray(0, at), inserted, result.subarray(at)]);
    }
  } while (random.chance(0.4));
  return result;
}

/** Fields of the last record of an archive, and of the last entry before it. */
function endFields(length: number) {
  return [...fields(length - 22, "i16", 11), ...fields(length - 80, "i32", 14)].filter(({ at }) => at >= 0);
}

/** Arrays that have as many elements as their shapes say. */
function checkWeights(bytes: Uint8Array<ArrayBuffer>, name: string) {
  return outcomeOf(async () => {
    checkTensors(decodeWeights(bytes, name).tensors);
    checkTensors((await readModelFile(bytes, name)).tensors);
  });
}

/** @see checkWeights */
export function checkTensors(tensors: ReadonlyMap<string, StoredTensor>): void {
  for (const [name, { dtype, shape, data }] of tensors) {
    expect(shape.every((n) => Number.isSafeInteger(n) && n >= 0), `shape ${shape} of ${name}`);
    expect(data.length === shape.reduce((a, b) => a * b, 1), `${data.length} elements of ${name} [${shape}]`);
    expect(data instanceof ELEMENT_TYPES[dtype].array, `${data.constructor.name} for ${dtype}`);
  }
}
