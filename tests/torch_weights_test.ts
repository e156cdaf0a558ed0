import assert from "node:assert/strict";
import fc from "fast-check";
import { publishedStateDict } from "../src/cli/export.ts";
import { Network, publishedState } from "../src/dfdt/mod.ts";
import { UserError } from "../src/errors.ts";
import { openDevice } from "../src/gpu/mod.ts";
import { compareTensors } from "../src/parity/network.ts";
import { readNetworkFixture } from "../src/parity/network_fixture.ts";
import { replayEvaluation } from "../src/parity/network_replay.ts";
import { referenceValues } from "../src/parity/reference_state.ts";
import { initialState, readGivenWeights } from "../src/dfdt_training/initial_state.ts";
import { needs, runPython } from "../src/testing/needs.ts";
import { loadStateDict } from "../src/nn/mod.ts";
import { encodePth } from "../src/weights/encode_pth.ts";
import { decodePth } from "../src/weights/pth.ts";
import type { StoredTensor } from "../src/weights/safetensors.ts";
import { checkMatch, matchWeights } from "../src/weights/weight_map.ts";

const torch = needs("python3-torch");
const torchvision = needs("python3-torchvision");

async function inFolder(body: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await body(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** Writes a state_dict of everything that may occur in both containers, and prints its values and shapes. */
const WRITE = `
import collections, json, sys, torch
torch.manual_seed(1)
base = torch.randn(4, 6)
state = collections.OrderedDict()
state["float32"] = base
state["float16"] = base.half()
state["bfloat16"] = base.bfloat16()
state["float64"] = base.double() / 3
state["transposed"] = torch.randn(3, 5).t()
state["channels_last"] = torch.randn(2, 3, 4, 5).to(memory_format=torch.channels_last)
state["every_second"] = torch.randn(4, 8)[1:, ::2]
state["shared"] = base[1:3]
state["shared_column"] = base[:, 2]
state["half_transposed"] = torch.randn(3, 4).half().t()
state["parameter"] = torch.nn.Parameter(torch.randn(3))
state["tied"] = state["parameter"]
state["scalar"] = torch.tensor(7)
state["float_scalar"] = torch.tensor(-0.25)
state["empty"] = torch.zeros(0, 3)
for kind in ["int64", "int32", "int16", "int8", "uint8"]:
    state[kind] = torch.arange(5).to(getattr(torch, kind))
state["bool"] = torch.tensor([True, False, True])
state["numbers"] = torch.tensor([float("inf"), float("-inf"), 65504, 6e-8]).half()
class Holder(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.norm = torch.nn.BatchNorm2d(3)
for key, value in Holder().state_dict().items():
    state["module." + key] = value
folder = sys.argv[1]
torch.save(state, folder + "/zip.pth")
torch.save(state, folder + "/legacy.pth", _use_new_zipfile_serialization=False)
torch.save(Holder().state_dict(), folder + "/metadata.pth")  # an OrderedDict with the attribute _metadata
torch.save({"epoch": 3, "arch": "resnet", "best": 0.5, "state_dict": state, "list": [1, None, (2, "x")]}, folder + "/nested.pth", pickle_protocol=4)
print(json.dumps([[key, list(value.shape), [str(x).replace("inf", "Infinity") if abs(x) == float("inf") else x for x in value.detach().double().flatten().tolist()]]
                  for key, value in state.items()]))
`;

torch.test("decodePth() reads what PyTorch writes: both containers, every type, views, shared storages, parameters", () =>
  inFolder(async (dir) => {
    const written: [string, number[], (number | string)[]][] = JSON.parse(await runPython(WRITE, [dir]));
    for (const file of ["zip", "legacy", "nested"]) {
      const { tensors } = decodePth(await Deno.readFile(`${dir}/${file}.pth`), file);
      const found = [...tensors].map(([key, { shape, data }]) => [key, shape, Array.from(data, Number)]);
      assert.deepEqual(found, written.map(([key, shape, values]) => [key, shape, values.map(Number)]));
      const types = (...keys: string[]) => keys.map((key) => tensors.get(key)!.dtype);
      assert.deepEqual(types("float16", "bfloat16", "float64", "int64", "int8", "bool"), [
        ...["F32", "F32", "F64", "I64", "I8", "BOOL"],
      ]);
    }
    const { tensors } = decodePth(await Deno.readFile(`${dir}/metadata.pth`), "metadata");
    assert.equal(tensors.get("norm.num_batches_tracked")!.dtype, "I64");
  }));

torch.test("decodePth() survives 500 flipped bytes of each of PyTorch's own files", () =>
  inFolder(async (dir) => {
    await runPython(WRITE, [dir]);
    for (const file of ["zip", "legacy"]) {
      const bytes = await Deno.readFile(`${dir}/${file}.pth`);
      const whole = decodePth(bytes, file).tensors;
      fc.assert(
        fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
          const copy = bytes.slice();
          copy[at] ^= flip;
          try {
            const { tensors } = decodePth(copy, file);
            if (file === "zip") assert.deepEqual(tensors, whole);
          } catch (error) {
            assert.ok(error instanceof UserError, String(error));
          }
        }),
        { numRuns: 500, seed: 5 },
      );
    }
  }));

/** Loads a file of ours, with `weights_only` too, and prints shapes, types and a checksum of every tensor's bytes. */
const READ = `
import hashlib, json, sys, torch
state = torch.load(sys.argv[1])
again = torch.load(sys.argv[1], weights_only=True)
digest = lambda tensor: hashlib.sha256(tensor.numpy().tobytes()).hexdigest()
assert list(state) == list(again) and all(digest(state[key]) == digest(again[key]) for key in state)
print(json.dumps([[key, list(value.shape), str(value.dtype), value.is_contiguous(), digest(value)] for key, value in state.items()]))
`;

const TYPES = { F64: "float64", F32: "float32", I64: "int64", I32: "int32", I16: "int16", I8: "int8", U8: "uint8" };

async function sha256(data: StoredTensor["data"]): Promise<string> {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

torch.test("PyTorch reads what encodePth() writes, bit for bit, with weights_only too", () =>
  inFolder(async (dir) => {
    const integers = [1, -2, 300, 70000].map(BigInt);
    const state = new Map<string, StoredTensor>([
      ["weight", { dtype: "F32", shape: [2, 3], data: Float32Array.of(1, -2.5, 1e-40, NaN, Infinity, -0) }],
      ["ä.0", { dtype: "F64", shape: [1], data: Float64Array.of(0.1) }],
      ["count", { dtype: "I64", shape: [], data: BigInt64Array.of(2n ** 40n) }],
      ["long", { dtype: "I64", shape: [4], data: BigInt64Array.from(integers) }],
      ["int", { dtype: "I32", shape: [300], data: new Int32Array(300).fill(-5) }],
      ["short", { dtype: "I16", shape: [2], data: Int16Array.of(-5, 5) }],
      ["char", { dtype: "I8", shape: [1, 1], data: Int8Array.of(-5) }],
      ["byte", { dtype: "U8", shape: [3], data: Uint8Array.of(1, 2, 255) }],
      ["flag", { dtype: "BOOL", shape: [2], data: Uint8Array.of(0, 1) }],
      ["none", { dtype: "F32", shape: [0, 4], data: new Float32Array(0) }],
    ]);
    await Deno.writeFile(`${dir}/x.pth`, encodePth(state));
    const expected = [];
    for (const [key, { dtype, shape, data }] of state) {
      const type = dtype === "BOOL" ? "bool" : TYPES[dtype as keyof typeof TYPES];
      expected.push([key, shape, `torch.${type}`, true, await sha256(data)]);
    }
    assert.deepEqual(JSON.parse(await runPython(READ, [`${dir}/x.pth`])), expected);
  }));

/** Saves a state_dict again as an older PyTorch would: the legacy container, float64, in DataParallel. */
const CONVERT = `
import collections, sys, torch
state = torch.load(sys.argv[1])
other = collections.OrderedDict(("module." + key, value.double() if value.is_floating_point() else value) for key, value in state.items())
torch.save(other, sys.argv[2], _use_new_zipfile_serialization=False)
`;

torch.test("weights that went out to PyTorch and came back predict what the reference does, both ways", () =>
  inFolder(async (dir) => {
    const path = new URL("fixtures/network/small.safetensors", import.meta.url);
    const fixture = readNetworkFixture(await Deno.readFile(path), "small");
    const { configuration, origin } = fixture;
    const derived = new Map<string, StoredTensor>();
    for (const { name, shape, kind } of publishedState(configuration)) {
      if (kind !== "parameter" && kind !== "statistic") continue;
      derived.set(name, {
        dtype: "F32",
        shape,
        data: referenceValues({ name, shape, kind, gradient: true }, origin),
      });
    }
    const exported = publishedStateDict({ tensors: derived }, configuration, "derived");
    assert.deepEqual([...exported.keys()], publishedState(configuration).map(({ name }) => name));
    await Deno.writeFile(`${dir}/out.pth`, encodePth(exported));
    await runPython(CONVERT, [`${dir}/out.pth`, `${dir}/back.pth`]);
    await openDevice();
    for (const file of ["out.pth", "back.pth"]) {
      const given = await readGivenWeights(`${dir}/${file}`, configuration);
      const { tensors } = initialState(configuration, { seed: 1, thresholdBias: 5 }, given);
      assert.deepEqual(tensors, derived); // number for number, the threshold's bias included
      const network = new Network(configuration);
      loadStateDict(network.parameters, tensors);
      const rows = compareTensors(fixture, await replayEvaluation(network, fixture))
        .filter(({ name }) => name.startsWith("eval/"));
      network[Symbol.dispose]();
      assert.ok(rows.length > 40, `${rows.length} rows`);
      assert.deepEqual(rows.filter(({ ok }) => !ok), [], file);
    }
  }));

/** Prints names and shapes of torchvision's own networks, without any weights. */
const NAMES = `
import json, torchvision
resnet = torchvision.models.resnet101(weights=None)
deeplab = torchvision.models.segmentation.deeplabv3_resnet101(weights=None, weights_backbone=None, aux_loss=True)
print(json.dumps([[[key, list(value.shape)] for key, value in model.state_dict().items()] for model in (resnet, deeplab)]))
`;

const PAPER = { image: 257, planes: 64, classes: 1000, channels: 512, parts: 100, embedding: 96 };

torchvision.test("matchWeights() matches every key of torchvision's ResNet-101 and DeepLab with the paper's network", async () => {
  const wanted = publishedState({ ...PAPER, layers: [3, 4, 23, 3] });
  const files: [string, number[]][][] = JSON.parse(await runPython(NAMES));
  const tensors = files.map((entries) =>
    // values do not matter here: no array but the counters has any
    new Map(entries.map(([name, shape]): [string, StoredTensor] => {
      const isCounter = name.endsWith("num_batches_tracked");
      return [
        name,
        isCounter
          ? { dtype: "I64", shape, data: BigInt64Array.of(0n) }
          : { dtype: "F32", shape, data: new Float32Array(0) },
      ];
    }))
  );
  const [resnet, deeplab] = tensors.map((state) => matchWeights(state, wanted, "x"));
  for (const matched of [resnet, deeplab]) checkMatch(matched, "x");
  const count = ({ keys }: typeof resnet, state: string) => keys.filter((key) => key.state === state).length;
  assert.deepEqual([resnet.kind, tensors[0].size, count(resnet, "loaded")], ["resnet", 626, 626]);
  assert.deepEqual([deeplab.kind, tensors[1].size, count(deeplab, "loaded"), count(deeplab, "dropped")], [
    ...["deeplab", 676, 624, 52],
  ]);
  assert.equal(count(deeplab, "random") - count(resnet, "random"), 2); // fc's weight and bias
  // One class more or a block fewer, and the file is refused.
  const others = [{ ...PAPER, classes: 1001, layers: [3, 4, 23, 3] }, { ...PAPER, layers: [3, 4, 22, 3] }];
  const messages = [
    /encoder\.backbone\.fc: weight mis-shaped \(expected \[1001,2048\]/,
    /layer3\.22\.conv1: weight unexp/,
  ];
  for (const [i, other] of others.entries()) {
    const matched = matchWeights(tensors[0], publishedState(other as Parameters<typeof publishedState>[0]), "x");
    assert.throws(() => checkMatch(matched, "x"), messages[i]);
  }
});
