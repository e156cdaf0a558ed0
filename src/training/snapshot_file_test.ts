import assert from "node:assert/strict";
import { UserError } from "../errors.ts";
import { encodeSafetensors, type StoredTensor } from "../weights/safetensors.ts";
import { decodeSnapshot } from "./snapshot_file.ts";

const WANTED = {
  step: 20,
  entries: [{ name: "a.weight", shape: [2, 3] }],
  sizes: new Map([["optimizer.velocity", 64]]),
  names: ["cursor"],
};

function snapshot(
  { extra = '{"cursor":5}', weight = [2, 3], value = 0, step = "20" }: {
    extra?: string | null;
    weight?: number[];
    value?: number;
    step?: string;
  } = {},
): Uint8Array<ArrayBuffer> {
  const tensors = new Map<string, StoredTensor>([
    ["a.weight", {
      dtype: "F32",
      shape: weight,
      data: new Float32Array(weight.reduce((a, b) => a * b, 1)).fill(value),
    }],
    ["optimizer.velocity", { dtype: "F32", shape: [64], data: new Float32Array(64) }],
  ]);
  return encodeSafetensors(tensors, { step, ...(extra === null ? {} : { extra }) });
}

Deno.test("decodeSnapshot() takes a whole snapshot of this training, and refuses any other with the way out", () => {
  assert.deepEqual(decodeSnapshot(snapshot(), "s", WANTED).extra, { cursor: 5 });
  const refused: [Uint8Array<ArrayBuffer>, RegExp][] = [
    [snapshot({ extra: null }), /numbers by name as "extra", found none/],
    ...['{"cursor":', "null", "1", "[5]", '{"cursor":"5"}', '{"cursor":1e999}', "x".repeat(5000)].map((extra): [
      Uint8Array<ArrayBuffer>,
      RegExp,
    ] => [snapshot({ extra }), /numbers by name as "extra", found "/]),
    [snapshot({ extra: "{}" }), /a number as "cursor" in "extra", found none/],
    [snapshot({ weight: [3, 2] }), /"a\.weight" of the network, float32 \[2,3\], found \[3,2\]/],
    [snapshot({ weight: [2, 4] }), /"a\.weight" of the network, float32 \[2,3\], found F32 \[2,4\]/],
    [snapshot({ value: NaN }), /finite values of "a\.weight"/],
    [snapshot({ step: "21" }), /step 20, found step "21"/],
    [snapshot().slice(0, -1), /a whole snapshot, found a damaged one \(expected/],
    [new Uint8Array(0), /a whole snapshot, found a damaged one/],
  ];
  for (const [bytes, message] of refused) {
    assert.throws(() => decodeSnapshot(bytes, "s", WANTED), (error) => {
      assert.ok(error instanceof UserError, String(error));
      assert.match(error.message, message);
      assert.match(
        error.message,
        /^Cannot continue from "s": .* Remove the snapshot to continue from the one before it$/,
      );
      assert.ok(error.message.length < 500);
      return true;
    });
  }
});
