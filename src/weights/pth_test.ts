import assert from "node:assert/strict";
import fc from "fast-check";
import { UserError } from "../errors.ts";
import {
  legacyCheckpoint,
  op,
  pickle,
  sizes,
  stateOf,
  type TensorParts,
  zipCheckpoint,
} from "../testing/checkpoints.ts";
import { encodePth } from "./encode_pth.ts";
import { decodePth } from "./pth.ts";
import type { StoredTensor } from "./safetensors.ts";
import { decodeWeights } from "./weight_file.ts";
import { matchWeights, type WantedEntry } from "./weight_map.ts";

const TENSORS = new Map<string, StoredTensor>([
  ["conv1.weight", { dtype: "F32", shape: [2, 3], data: Float32Array.of(1, -2.5, 3, 0.1, 5, -6) }],
  ["n", { dtype: "I64", shape: [], data: BigInt64Array.of(-7n) }],
  ["d", { dtype: "F64", shape: [1, 2], data: Float64Array.of(0.1, 1e300) }],
  ["flags", { dtype: "BOOL", shape: [3], data: Uint8Array.of(1, 0, 1) }],
  ["none", { dtype: "I32", shape: [0, 4], data: new Int32Array(0) }],
]);

/** Six floats, the storage of {@link stateOf}. */
const SIX = { "0": new Uint8Array(Float32Array.of(0, 1, 2, 3, 4, 5).buffer) };

function refused(bytes: Uint8Array<ArrayBuffer>, message: RegExp): void {
  assert.throws(() => decodeWeights(bytes, "x.pth"), (error) => {
    assert.ok(error instanceof UserError, String(error));
    assert.equal(error.exitCode, 2);
    assert.match(error.message, /^Cannot read "x\.pth": expected .*, found /s);
    assert.match(error.message, message);
    return true;
  });
}

Deno.test("decodePth() reads what encodePth() writes, and the legacy container, number for number", () => {
  for (const bytes of [encodePth(TENSORS), legacyCheckpoint(TENSORS)]) {
    assert.deepEqual(decodePth(bytes, "x").tensors, TENSORS);
  }
  assert.deepEqual(encodePth(TENSORS), encodePth(TENSORS));
  assert.equal(decodeWeights(legacyCheckpoint(TENSORS), "x").format, "PyTorch legacy");
});

const view = (parts: TensorParts) => decodePth(zipCheckpoint(stateOf(parts), SIX), "x").tensors.get("w")!;

Deno.test("decodePth() follows strides and offsets", () => {
  assert.deepEqual([...view({}).data], [0, 1, 2, 3, 4, 5]);
  assert.deepEqual([...view({ shape: sizes(3, 2), strides: sizes(1, 3) }).data], [0, 3, 1, 4, 2, 5]);
  assert.deepEqual([...view({ shape: sizes(2), strides: sizes(2), offset: 1 }).data], [1, 3]);
  assert.deepEqual([...view({ shape: sizes(), strides: sizes(), offset: 5 }).data], [5]);
  assert.deepEqual([...view({ shape: sizes(0, 4), strides: sizes(4, 1), offset: 6 }).data], []);
  assert.deepEqual([...view({ shape: sizes(1, 2, 1), strides: sizes(99, 4, 0) }).data], [0, 4]);
});

/** Strides, sizes and storages that no tensor has. */
const TENSOR_FAULTS: [what: string, parts: TensorParts, message: RegExp][] = [
  ["a storage shorter than its tensor", { shape: sizes(3, 3) }, /inside of its storage of 6 elements, found \[3,3\]/],
  ["an offset behind the end", { offset: 1 }, /inside of its storage of 6 elements, .* from element 1/],
  ["a storage that is longer in the pickle than in the file", { count: 7 }, /28 bytes of storage "0", found 24/],
  ["absurd strides", { strides: sizes(2 ** 31 - 1, 1) }, /inside of its storage of 6 elements/],
  ["negative strides", { strides: sizes(-3, 1) }, /none of them negative/],
  ["a negative size", { shape: sizes(-2, 3) }, /none of them negative/],
  ["a negative offset", { offset: -1 }, /none of them negative/],
  [
    "overlapping strides",
    { strides: sizes(1, 1) },
    /without elements that share memory, found \[2,3\] with strides \[1,1\]/,
  ],
  ["an expanded tensor", { shape: sizes(2 ** 30, 3), strides: sizes(0, 1) }, /without elements that share memory/],
  ["fewer strides than sizes", { strides: sizes(1) }, /as many strides/],
  ["sizes that are no integers", { shape: [...op.mark, ...op.text("2"), ...op.tuple] }, /sizes and as many strides/],
  ["65 dimensions", { shape: sizes(...Array(65).fill(1)), strides: sizes(...Array(65).fill(1)) }, /sizes and as many/],
  [
    "sizes whose product overflows",
    { shape: sizes(...Array(9).fill(2 ** 30)), strides: sizes(...Array(9).fill(2 ** 30)) },
    /inside of its storage|share memory/,
  ],
];

for (const [what, parts, message] of TENSOR_FAULTS) {
  Deno.test(`decodePth() refuses ${what}`, () => refused(zipCheckpoint(stateOf(parts), SIX), message));
}

/** A pickle that calls a global with one text, as a malicious one does. */
const call = (module: string, name: string) =>
  pickle(op.global(module, name), op.text("touch x"), op.tuple1, op.reduce, op.stop);

Deno.test("decodePth() refuses every global that a state_dict does not need, by its name, in both containers", () => {
  const names = [["os", "system"], ["posix", "system"], ["builtins", "eval"], ["torch", "load"], ["torch._utils", "x"]];
  for (const [module, name] of [...names, ["__builtin__", "getattr"], ["torch.storage", "_load_from_bytes"]]) {
    const message = new RegExp(`the global "${module}\\.${name}", which may run code; nothing was executed`);
    refused(zipCheckpoint(call(module, name)), message);
    refused(Uint8Array.from([...legacyStart(), ...call(module, name)]), message);
  }
  const stacked = pickle(op.text("os"), op.text("system"), [0x93], op.text("x"), op.tuple1, op.reduce, op.stop);
  refused(zipCheckpoint(stacked), /the global "os\.system"/);
});

/** The first three pickles of a legacy file. */
function legacyStart(): Uint8Array {
  const whole = legacyCheckpoint(new Map());
  const needle = pickle(op.global("collections", "OrderedDict"));
  for (let at = 0;; at++) if (needle.every((byte, i) => whole[at + i] === byte)) return whole.subarray(0, at);
}

const repeat = (count: number, ...operations: (readonly number[])[]) => {
  const once = operations.flat();
  return Array.from({ length: count * once.length }, (_, i) => once[i % once.length]);
};

/** Pickles that are made to exhaust a reader. */
const HOSTILE: [what: string, pickled: Uint8Array, message: RegExp][] = [
  [
    "deeply nested tuples",
    pickle(op.emptyTuple, repeat(100_000, op.tuple1), op.stop),
    /at most 64 nested containers, found more/,
  ],
  [
    "deeply nested lists",
    pickle(repeat(200, op.list), repeat(199, op.append), op.stop),
    /at most 64 nested containers/,
  ],
  [
    "a list that holds itself",
    pickle(op.list, op.put(0), op.get(0), op.append, op.stop),
    /container that holds itself/,
  ],
  [
    "a list that holds itself through a tuple",
    pickle(op.list, op.put(0), op.get(0), op.tuple1, op.append, op.stop),
    /container that holds itself/,
  ],
  [
    "an endless memo",
    pickle(op.none, repeat(600_000, op.put(7), op.get(7)), op.stop),
    /1000000 op/,
  ],
  ["a huge memo index", pickle(op.none, op.put(0xfffffff0), op.stop), /remembered values, found number 4294967280/],
  ["a memo index that was never set", pickle(op.get(3), op.stop), /a remembered value, found none of number 3/],
  ["a text of 4 GiB", pickle([0x58, 0xff, 0xff, 0xff, 0xff]), /4294967295 more bytes of the pickle, found 0/],
  ["a text of 2^63 bytes", pickle([0x8d, 0, 0, 0, 0, 0, 0, 0, 0x80]), /more bytes of the pickle, found 0/],
  ["an integer of 255 bytes", pickle([0x8a, 255], Array(255).fill(1)), /integers of at most 16 bytes, found 255/],
  ["a million lists", pickle(repeat(1_100_000, op.list)), /at most 1000000 operations/],
  ["a pickle without end", pickle(op.none), /1 more bytes of the pickle, found 0/],
  ["an empty stack", pickle(op.stop), /a value on the pickle's stack/],
  ["two values", pickle(op.none, op.none, op.stop), /a pickle of one value, found 1 more/],
  ["a tuple without a mark", pickle(op.tuple), /a mark on the pickle's stack/],
  ["a key without a value", pickle(op.dict, op.mark, op.text("a"), op.setItems, op.stop), /keys with values/],
  [
    "a key that occurs twice",
    pickle(op.dict, op.mark, op.text("a"), op.none, op.text("a"), op.none, op.setItems, op.stop),
    /every key once, found "a" twice/,
  ],
  ["a list as a key", pickle(op.dict, op.mark, op.list, op.none, op.setItems, op.stop), /texts or numbers as keys/],
  ["another operation", pickle([0x69]), /operations that a state_dict needs, found 0x69 "i" at byte 2/],
  ["protocol 0", Uint8Array.from([0x80, 0, ...op.none, ...op.stop]), /protocol 2 to 5, found 0/],
  ["a text that is not UTF-8", pickle([0x58, 1, 0, 0, 0, 0xff]), /texts in UTF-8/],
  ["a call of a type", pickle(op.global("torch", "FloatStorage"), op.emptyTuple, op.reduce), /a global to call/],
  ["a reference to no storage", pickle(op.text("0"), op.persistent), /references to storages by class/],
  ["a number", pickle(op.int(5), op.stop), /a state_dict: tensors by name, found 5/],
  ["no tensors", pickle(op.dict, op.stop), /a state_dict: tensors by name, found an empty one/],
];

for (const [what, pickled, message] of HOSTILE) {
  Deno.test(`decodePth() refuses ${what}`, () => refused(zipCheckpoint(pickled), message));
}

Deno.test("decodePth() refuses members that no checkpoint has, a missing storage, and another byte order", () => {
  refused(zipCheckpoint(stateOf(), SIX, { "a/evil.sh": "x" }), /members that a checkpoint has, found "a\/evil\.sh"/);
  refused(zipCheckpoint(stateOf(), SIX, { "b/data/0": "x" }), /found "b\/data\/0"/);
  refused(zipCheckpoint(stateOf(), { ...SIX, "1": SIX[0] }), /found "a\/data\/1"/);
  refused(
    zipCheckpoint(stateOf(), SIX, { "a/../../x": "x" }),
    /below the archive's own folder, found "a\/\.\.\/\.\.\/x"/,
  );
  refused(zipCheckpoint(stateOf(), SIX, { "b/data.pkl": "x" }), /one FOLDER\/data\.pkl, found 2/);
  refused(zipCheckpoint(stateOf(), SIX, { "a/constants.pkl": "x" }), /a state_dict, found a TorchScript program/);
  refused(zipCheckpoint(stateOf()), /storage "0", found no member "a\/data\/0"/);
  refused(zipCheckpoint(stateOf(), SIX, { "a/byteorder": "big" }), /little-endian storages, found byteorder "big"/);
  assert.equal(
    decodePth(zipCheckpoint(stateOf(), SIX, { "a/byteorder": "little", "a/.data/id": "1" }), "x").container,
    "zip",
  );
});

Deno.test('decodePth() finds the state_dict below "state_dict" or "model"', () => {
  const nested = (key: string) =>
    Uint8Array.from([
      ...pickle(op.dict, op.mark, op.text("epoch"), op.int(3), op.text(key)),
      ...stateOf().subarray(2, -1),
      ...op.setItems,
      ...op.stop,
    ]);
  for (const key of ["state_dict", "model"]) {
    const { tensors, nested: found } = decodePth(zipCheckpoint(nested(key), SIX), "x");
    assert.deepEqual([[...tensors.keys()], found], [["w"], key]);
  }
  refused(zipCheckpoint(nested("other"), SIX), /tensors by name, found 3 under "epoch"/);
});

Deno.test("decodePth() widens half-precision floats without loss", () => {
  const halves = { "0": new Uint8Array(Uint16Array.of(0x3c01, 0xfbff, 0x0001, 0x7c00, 0x8000, 0x3555).buffer) };
  const read = (type: string) => decodePth(zipCheckpoint(stateOf({ type }), halves), "x").tensors.get("w")!;
  assert.deepEqual([...read("HalfStorage").data], [1 + 2 ** -10, -65504, 2 ** -24, Infinity, -0, 1365 / 4096]);
  // 0x3c01: exponent −7, mantissa 1/128; 0xfbff: exponent 120, mantissa 127/128
  const [first, second] = read("BFloat16Storage").data;
  assert.deepEqual([first, second], [(1 + 1 / 128) * 2 ** -7, -(1 + 127 / 128) * 2 ** 120]);
});

Deno.test("decodePth() refuses storages that are not what the pickle says", () => {
  const twice = zipCheckpoint(stateOf({}, { count: 7 }), SIX);
  refused(twice, /storage "0" always of one type and length, found it with another one/);
  refused(zipCheckpoint(stateOf({ view: op.text("1") }), SIX), /whole storages, found a view of one/);
  assert.equal(decodePth(zipCheckpoint(stateOf({ view: op.none }), SIX), "x").tensors.size, 1);
  refused(zipCheckpoint(Uint8Array.from([...stateOf(), 0]), SIX), /one pickle in data\.pkl, found 1 more bytes/);
});

Deno.test("decodePth() reads views of a storage, but not so many that memory is exhausted", () => {
  const count = 2 ** 20, bytes = { "0": new Uint8Array(4 * count) };
  const whole = { count, shape: sizes(count), strides: sizes(1) };
  assert.equal(decodePth(zipCheckpoint(stateOf(whole, whole), bytes), "x").tensors.size, 2);
  refused(
    zipCheckpoint(stateOf(...Array(40).fill(whole)), bytes),
    /hardly share their storages, found views far larger/,
  );
});

Deno.test("decodePth() refuses a legacy file of another byte order, with other keys or lengths of its storages", () => {
  const tensors = new Map([["w", TENSORS.get("conv1.weight")!], ["v", TENSORS.get("conv1.weight")!]]);
  refused(legacyCheckpoint(tensors, { bigEndian: true }), /little-endian storages/);
  for (const keys of [["0", "1", "1"], ["0"], ["0", "2"], ["0", "1", "2"]]) {
    refused(legacyCheckpoint(tensors, { keys }), /a list of the 2 storages, found a list of \d that differs/);
  }
  const bytes = legacyCheckpoint(tensors);
  bytes[bytes.length - 6 * 4 - 8] = 5;
  refused(bytes, /6 elements of storage "1", found 5/);
});

Deno.test("decodePth() refuses a legacy file that is cut off at any byte, or goes on after its end", () => {
  const bytes = legacyCheckpoint(TENSORS);
  for (let length = 0; length < bytes.length; length++) refused(bytes.slice(0, length), /./);
  refused(Uint8Array.from([...bytes, 0]), /\d+ bytes, found/);
});

Deno.test("decodeWeights() says what a file that holds no weights is", () => {
  const refusedText = (text: string, message: RegExp) => refused(new TextEncoder().encode(text), message);
  refusedText("version https://git-lfs.github.com/spec/v1\n", /a pointer of Git LFS/);
  refusedText("<!DOCTYPE html><html>", /a page of HTML/);
  refusedText("not weights at all", /safetensors file, found neither/);
  refused(pickle(op.dict, op.stop), /another pickle of Python's/);
  refused(new Uint8Array(0), /found neither/);
});

/** Entries of the network that {@link TENSORS} fit. */
const WANTED: WantedEntry[] = [...TENSORS].filter(([, { dtype }]) => dtype === "F32").map(([name, { shape }]) => {
  return { name: `encoder.backbone.${name}`, shape, kind: "parameter" };
});

/** What a run would load from a file: shapes by name, or the error's name. */
function shapesOf(bytes: Uint8Array<ArrayBuffer>): unknown {
  const { tensors } = decodeWeights(bytes, "x");
  const { keys } = matchWeights(tensors, WANTED, "x");
  if (keys.some(({ state }) => state !== "loaded" && state !== "random")) throw new UserError("data", "mismatch");
  return [...tensors].map(([name, { shape, data }]) => [name, shape, data.length]);
}

const FLOATS = new Map([...TENSORS].filter(([, { dtype }]) => dtype === "F32"));
const FILES = { zip: encodePth(FLOATS), legacy: legacyCheckpoint(FLOATS) };

for (const [container, bytes] of Object.entries(FILES)) {
  Deno.test(`decodeWeights() survives 2000 flipped bytes in a ${container} file: refused, or the same shapes`, () => {
    const expected = shapesOf(bytes);
    let refusals = 0;
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const copy = bytes.slice();
        copy[at] ^= flip;
        try {
          assert.deepEqual(shapesOf(copy), expected);
          // What the zip container does not cover by a checksum carries no values.
          if (container === "zip") assert.deepEqual(decodePth(copy, "x").tensors, FLOATS);
        } catch (error) {
          assert.ok(error instanceof UserError, String(error));
          refusals++;
        }
      }),
      { numRuns: 2000, seed: 4 },
    );
    assert.ok(refusals > 500, `${refusals} refused`);
  });
}
