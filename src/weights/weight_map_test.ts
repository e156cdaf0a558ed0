import assert from "node:assert/strict";
import { UserError } from "../errors.ts";
import type { StoredTensor } from "./safetensors.ts";
import { checkMatch, countStates, matchWeights, reportMarkdown, type WantedEntry } from "./weight_map.ts";

/** A network of a few layers with the names that decide. */
const WANTED: WantedEntry[] = [
  { name: "encoder.backbone.conv1.weight", shape: [2, 3], kind: "parameter" },
  { name: "encoder.backbone.bn1.running_var", shape: [2], kind: "statistic" },
  { name: "encoder.backbone.bn1.num_batches_tracked", shape: [], kind: "counter" },
  { name: "encoder.backbone.fc.weight", shape: [4, 2], kind: "parameter" },
  { name: "encoder.reduce1.weight", shape: [2], kind: "parameter" },
  { name: "swim.attn_mask", shape: [2], kind: "buffer", values: Float32Array.of(0, -100) },
  { name: "ea.w_a", shape: [1], kind: "parameter" },
];

const floats = (...shape: number[]): StoredTensor => {
  return { dtype: "F32", shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(0.5) };
};
const count = (value: bigint): StoredTensor => ({ dtype: "I64", shape: [], data: BigInt64Array.of(value) });

/** What a file of every kind holds for {@link WANTED}. */
const FILES: Record<string, Record<string, StoredTensor>> = {
  resnet: {
    "conv1.weight": floats(2, 3),
    "bn1.running_var": floats(2),
    "bn1.num_batches_tracked": count(7n),
    "fc.weight": floats(4, 2),
  },
  deeplab: {
    "backbone.conv1.weight": floats(2, 3),
    "backbone.bn1.running_var": floats(2),
    "backbone.bn1.num_batches_tracked": count(7n),
    "classifier.0.convs.0.0.weight": floats(9),
    "aux_classifier.0.weight": floats(9),
  },
  dfdt: {
    "encoder.backbone.conv1.weight": floats(2, 3),
    "encoder.backbone.bn1.running_var": floats(2),
    "encoder.backbone.bn1.num_batches_tracked": count(7n),
    "encoder.backbone.fc.weight": floats(4, 2),
    "encoder.reduce1.weight": floats(2),
    "swim.attn_mask": { dtype: "F32", shape: [2], data: Float32Array.of(0, -100) },
    "ea.w_a": { dtype: "F64", shape: [1], data: Float64Array.of(0.1) },
    "optimizer.velocity": floats(64),
  },
};

const match = (tensors: Record<string, StoredTensor>) =>
  matchWeights(new Map(Object.entries(tensors)), WANTED, "x.pth");

Deno.test("matchWeights() knows the three kinds by their names, and loads what the reference says", () => {
  const backbone = ["encoder.backbone.conv1.weight", "encoder.backbone.bn1.running_var"];
  const expected: Record<string, [loaded: string[], states: string]> = {
    resnet: [[...backbone, "encoder.backbone.fc.weight"], "4 loaded, 2 random, 1 made"],
    deeplab: [backbone, "2 dropped, 3 loaded, 3 random, 1 made"],
    dfdt: [WANTED.filter(({ kind }) => /param|stat/.test(kind)).map(({ name }) => name), "1 dropped, 7 loaded"],
  };
  for (const [kind, [loaded, states]] of Object.entries(expected)) {
    const matched = match(FILES[kind]);
    assert.equal(matched.kind, kind);
    assert.deepEqual([...matched.loaded.keys()], loaded);
    assert.equal(countStates(matched.keys), states);
    assert.equal(matched.batchesTracked, 7);
    checkMatch(matched, "x.pth");
  }
  assert.deepEqual(match(FILES.dfdt).loaded.get("ea.w_a"), Float32Array.of(0.1)); // float64 → float32
});

Deno.test("matchWeights() takes a module. prefix off, if every key has it", () => {
  const prefixed = Object.entries(FILES.dfdt).map(([name, tensor]) => [`module.${name}`, tensor]);
  assert.deepEqual(match(Object.fromEntries(prefixed)), match(FILES.dfdt));
  const twice = prefixed.map(([name, tensor]) => [`module.${name}`, tensor]);
  assert.deepEqual(match(Object.fromEntries(twice)), match(FILES.dfdt));
  assert.throws(() => match(Object.fromEntries([...prefixed, ["x", floats(1)]])), UserError);
});

Deno.test("matchWeights() takes files without num_batches_tracked and buffers, and the report says so", () => {
  const { "encoder.backbone.bn1.num_batches_tracked": _, "swim.attn_mask": __, ...old } = FILES.dfdt;
  const matched = match(old);
  checkMatch(matched, "x.pth");
  assert.equal(matched.batchesTracked, undefined);
  const page = reportMarkdown(matched, { digest: "abc", format: "PyTorch legacy" });
  assert.match(page, /no num_batches_tracked, as files of PyTorch before 1\.0/);
  assert.match(page, /\| encoder\.backbone\.bn1 \| running_var \| {2}\| num_batches_tracked \|/);
});

/** A change of the DFDT file, and what the message says of it. */
const FAULTS: [what: string, change: Record<string, StoredTensor | undefined>, message: RegExp][] = [
  ["a missing key", { "ea.w_a": undefined }, /1 missing\. Choose .*\n {2}ea: w_a missing$/],
  ["an unexpected key", { "ea.other": floats(1) }, /1 unexpected.*\n {2}ea: other unexpected$/s],
  [
    "another shape",
    { "encoder.backbone.fc.weight": floats(9, 2) },
    /fc: weight mis-shaped \(expected \[4,2\], found \[9,2\]\)/,
  ],
  ["the transposed shape", { "encoder.backbone.fc.weight": floats(2, 4) }, /expected \[4,2\], found \[2,4\]/],
  ["integers", { "ea.w_a": { dtype: "I32", shape: [1], data: Int32Array.of(1) } }, /expected floats, found I32/],
  ["NaN", { "ea.w_a": { dtype: "F32", shape: [1], data: Float32Array.of(NaN) } }, /expected finite float32 values/],
  ["1e300", { "ea.w_a": { dtype: "F64", shape: [1], data: Float64Array.of(1e300) } }, /expected finite float32 values/],
  ["a float counter", { "encoder.backbone.bn1.num_batches_tracked": floats() }, /expected an integer, found F32/],
  ["another mask", { "swim.attn_mask": floats(2) }, /attn_mask mis-shaped \(expected the values that follow/],
];

for (const [what, change, message] of FAULTS) {
  Deno.test(`checkMatch() refuses a DFDT snapshot with ${what}`, () => {
    const entries = Object.entries({ ...FILES.dfdt, ...change }).filter(([, tensor]) => tensor !== undefined);
    assert.throws(() => checkMatch(match(Object.fromEntries(entries) as typeof FILES.dfdt), "x.pth"), (error) => {
      assert.ok(error instanceof UserError && error.exitCode === 2);
      assert.match(
        error.message,
        /^Cannot use "x\.pth" \(a DFDT snapshot\): expected every key to fit the network, found /,
      );
      assert.match(error.message, message);
      return true;
    });
  });
}

Deno.test("checkMatch() asks a backbone file for the whole backbone, and DeepLab's for all but fc", () => {
  const without = (kind: string, key: string) => {
    const { [key]: _, ...rest } = FILES[kind];
    return () => checkMatch(match(rest), "x.pth");
  };
  assert.throws(without("resnet", "fc.weight"), /encoder\.backbone\.fc: weight missing/);
  assert.throws(without("deeplab", "backbone.bn1.running_var"), /encoder\.backbone\.bn1: running_var missing/);
  assert.throws(() => checkMatch(match({ ...FILES.deeplab, "ea.w_a": floats(1) }), "x.pth"), /ea: w_a unexpected/);
  assert.throws(() => match({ "features.0.weight": floats(1) }), /found 1 others: "features\.0\.weight"/);
});

Deno.test("checkMatch() names at most 40 layers, mis-shaped ones first", () => {
  const many = Array.from({ length: 50 }, (_, i) => [`layer${i}.weight`, floats(1)]);
  const { "ea.w_a": _, ...file } = { ...FILES.dfdt, "encoder.reduce1.weight": floats(3), ...Object.fromEntries(many) };
  assert.throws(() => checkMatch(match(file), "x.pth"), (error: Error) => {
    const lines = error.message.split("\n");
    assert.match(lines[1], /encoder\.reduce1: weight mis-shaped/);
    assert.equal(lines[41], "  … and 12 more layers");
    return true;
  });
});
