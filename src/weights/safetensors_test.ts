import assert from "node:assert/strict";
import fc from "fast-check";
import { UserError } from "../errors.ts";
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from "./safetensors.ts";

const TENSORS = new Map<string, StoredTensor>([
  ["mask", { dtype: "U8", shape: [3], data: Uint8Array.of(1, 2, 3) }],
  ["weight", { dtype: "F32", shape: [2, 2], data: Float32Array.of(1, -2.5, 3, 0.1) }],
  ["count", { dtype: "I64", shape: [], data: BigInt64Array.of(-7n) }],
  ["first", { dtype: "I32", shape: [2], data: Int32Array.of(5, -6) }],
]);

Deno.test("encodeSafetensors() and decodeSafetensors() are inverse, in the order of widths", () => {
  const bytes = encodeSafetensors(TENSORS, { step: "12" });
  const { tensors, metadata } = decodeSafetensors(bytes, "x.safetensors");
  assert.deepEqual(metadata, { step: "12" });
  assert.deepEqual([...tensors.keys()], ["count", "weight", "first", "mask"]);
  for (const [name, tensor] of TENSORS) assert.deepEqual(tensors.get(name), tensor);
  assert.equal(new DataView(bytes.buffer).getBigUint64(0, true) % 8n, 0n);
  assert.deepEqual(encodeSafetensors(TENSORS, { step: "12" }), bytes);
});

Deno.test("decodeSafetensors() refuses what is cut off, too long, or contradicts itself", () => {
  const bytes = encodeSafetensors(TENSORS);
  const refuse = (changed: Uint8Array<ArrayBuffer>, message: RegExp) =>
    assert.throws(() => decodeSafetensors(changed, "x.safetensors"), (error) => {
      assert.ok(error instanceof UserError);
      assert.match(error.message, /^Cannot read "x\.safetensors": expected /);
      assert.match(error.message, message);
      return true;
    });
  refuse(bytes.slice(0, 5), /at least 8 bytes, found 5/);
  refuse(bytes.slice(0, -1), /inside of the file|bytes/);
  refuse(new Uint8Array([...bytes, 0]), /found/);
  refuse(new Uint8Array(200).fill(255), /length of a safetensors header/);
  const text = (header: string) => {
    const encoded = new TextEncoder().encode(header);
    const file = new Uint8Array(8 + encoded.length);
    new DataView(file.buffer).setBigUint64(0, BigInt(encoded.length), true);
    file.set(encoded, 8);
    return file;
  };
  refuse(text("[1]"), /a header in JSON/);
  refuse(text(`{"a":{"dtype":"Q9","shape":[],"data_offsets":[0,0]}}`), /type F64, .* F16 or BF16 of "a", found "Q9"/);
  refuse(text(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`), /8 bytes of "a" inside of the file/);
  refuse(text(`{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,0]}}`), /shape and offsets of "a"/);
  refuse(text(`{"a":{"dtype":"F32","shape":[],"data_offsets":[8,4]}}`), /4 bytes of "a" inside of the file/);
  refuse(text(`{"__metadata__":{"step":1}}`), /metadata of strings/);
  const pair = (first: string, second: string) =>
    `{"a":{"dtype":"U8","shape":[2],"data_offsets":${first}},"b":{"dtype":"U8","shape":[2],"data_offsets":${second}}}`;
  refuse(
    new Uint8Array([...text(pair("[0,2]", "[1,3]")), 0, 0, 0]),
    /without gaps or overlaps at byte 2, found .* at 1/,
  );
  refuse(new Uint8Array([...text(pair("[0,2]", "[3,5]")), 0, 0, 0, 0, 0]), /at byte 2, found an array at 3/);
});

Deno.test("decodeSafetensors() reads half-precision and small types", () => {
  const entry = (dtype: string, begin: number, end: number) =>
    `"${dtype}":{"dtype":"${dtype}","shape":[1],"data_offsets":[${begin},${end}]}`;
  const types: [type: string, bytes: number[], value: number][] = [
    ["F16", [0x00, 0xc0], -2],
    ["BF16", [0x00, 0xc0], -2],
    ["I16", [0xfe, 0xff], -2],
    ["U16", [0xfe, 0xff], 65534],
    ["U32", [1, 0, 0, 0x80], 2 ** 31 + 1],
    ["I8", [0xfe], -2],
    ["BOOL", [1], 1],
  ];
  let at = 0;
  const header = types.map(([type, bytes]) => entry(type, at, at += bytes.length)).join(",");
  const text = new TextEncoder().encode(`{${header}}`);
  const bytes = Uint8Array.from([
    text.length,
    text.length >> 8,
    0,
    0,
    0,
    0,
    0,
    0,
    ...text,
    ...types.flatMap((t) => t[1]),
  ]);
  const { tensors } = decodeSafetensors(bytes, "x");
  for (const [type, , value] of types) assert.equal(tensors.get(type)!.data[0], value, type);
  assert.deepEqual(["F16", "BF16", "I8"].map((type) => tensors.get(type)!.dtype), ["F32", "F32", "I8"]);
});

Deno.test("encodeSafetensors() refuses an array that does not fit its shape or type", () => {
  const encode = (tensor: StoredTensor) => () => encodeSafetensors(new Map([["a", tensor]]));
  assert.throws(encode({ dtype: "F32", shape: [3], data: Float32Array.of(1) }), {
    name: "RangeError",
    message: 'Cannot store "a": expected 3 elements of F32 [3], found 1 in a Float32Array',
  });
  assert.throws(encode({ dtype: "I32", shape: [1], data: Float32Array.of(1) }), { name: "RangeError" });
});

Deno.test("encodeSafetensors() pads the header with spaces for names of any length and alphabet", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 20 }), (name) => {
      fc.pre(name !== "__metadata__");
      const tensors = new Map<string, StoredTensor>([[name, { dtype: "F64", shape: [1], data: Float64Array.of(0.1) }]]);
      const bytes = encodeSafetensors(tensors);
      assert.equal(new DataView(bytes.buffer).getBigUint64(0, true) % 8n, 0n);
      assert.deepEqual(decodeSafetensors(bytes, "x").tensors, tensors);
    }),
    { numRuns: 200, seed: 2, examples: [["__proto__"], ["0"], ["ä"]] },
  );
});

Deno.test("decodeSafetensors() survives flipped bytes: a clear error, or arrays of their declared size", () => {
  const bytes = encodeSafetensors(TENSORS, { step: "12" });
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const changed = bytes.slice();
      changed[at] ^= flip;
      try {
        for (const { shape, data } of decodeSafetensors(changed, "x").tensors.values()) {
          assert.equal(data.length, shape.reduce((a, b) => a * b, 1));
        }
      } catch (error) {
        assert.ok(error instanceof UserError);
      }
    }),
    { numRuns: 500, seed: 1 },
  );
});
