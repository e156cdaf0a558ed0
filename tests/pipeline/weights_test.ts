import assert from "node:assert/strict";
import { join } from "node:path";
import { encodePth } from "../../src/weights/encode_pth.ts";
import { decodeSafetensors, encodeSafetensors } from "../../src/weights/safetensors.ts";
import { decodeWeights } from "../../src/weights/weight_file.ts";
import { contents, run, SMALL } from "./command_line.ts";

const dir = await Deno.makeTempDir();
globalThis.addEventListener("unload", () => Deno.removeSync(dir, { recursive: true }));
const work = join(dir, "work");

/** Runs the small phantom for some steps with some weights, and returns the artifacts of training and testing. */
async function pipeline(steps: number, ...args: string[]): Promise<{ train: string; test: string; said: string }> {
  const all = ["pipeline", "phantom", "--work", work, ...SMALL, "--set", `training.steps=${steps}`, ...args];
  const { code, stdout: said, stderr } = await run(...all);
  assert.equal(code, 0, stderr);
  const where = async (stage: string) => (await run(...all, "--where", stage)).stdout.trim();
  return { train: await where("train"), test: await where("test"), said };
}

async function refused(args: string[], message: RegExp): Promise<void> {
  const { code, stderr } = await run(...args);
  assert.equal(code, 2, stderr);
  assert.match(stderr, message);
  assert.doesNotMatch(stderr, /\n +at /);
}

Deno.test("a model goes out by export, comes back by --weights, and is tested as it is with training.steps=0", async () => {
  const trained = await pipeline(4);
  const model = join(trained.train, "model.safetensors"), pth = join(dir, "model.pth");
  const { tensors, metadata } = decodeSafetensors(await Deno.readFile(model), model);
  assert.equal(metadata.weights, "null");

  const exported = await run("export", model, "--out", pth, "--module-prefix");
  assert.equal(exported.code, 0, exported.stderr);
  const state = decodeWeights(await Deno.readFile(pth), pth).tensors;
  for (const [name, tensor] of tensors) assert.deepEqual(state.get(`module.${name}`), tensor, name);
  assert.equal(state.size, tensors.size + 3); // two index buffers and a mask
  await refused(["export", model, "--out", pth], /expected a new file, found one\. --force overwrites it/);
  await refused(["export", model, "--out", join(dir, "model.onnx")], /expected FILE\.pth or FILE\.safetensors/);

  const tested = await pipeline(0, "--weights", pth);
  assert.match(tested.said, /weights "model\.pth" \(a DFDT snapshot, PyTorch zip\): \d+ loaded; weights\.md has/);
  const predictions = (at: string) => contents(join(at, "predictions"));
  assert.deepEqual(await predictions(tested.test), await predictions(trained.test));
  const found = decodeSafetensors(await Deno.readFile(join(tested.train, "model.safetensors")), "found");
  assert.deepEqual(found.tensors, tensors); // num_batches_tracked is taken over as well
  assert.equal(found.tensors.get("encoder.backbone.bn1.num_batches_tracked")!.data[0], 4n);
  assert.match(await Deno.readTextFile(join(tested.train, "weights.md")), /num_batches_tracked: 4\./);

  // A snapshot with the optimiser's velocities gives the same network; the file's place is no part of the key.
  const snapshot = await pipeline(
    0,
    "--weights",
    join(trained.train, "snapshots/step-4.safetensors"),
    "--until",
    "train",
  );
  const ofSnapshot = decodeSafetensors(await Deno.readFile(join(snapshot.train, "model.safetensors")), "snapshot");
  assert.deepEqual(ofSnapshot.tensors, tensors);
  await Deno.copyFile(pth, join(dir, "moved.pth"));
  const args = ["--set", "training.steps=0", "--weights", join(dir, "moved.pth"), "--where", "train"];
  const moved = await run("pipeline", "phantom", "--work", work, ...SMALL, ...args);
  assert.equal(moved.stdout.trim(), tested.train);
});

Deno.test("inspect says what a model, a snapshot, an artifact and a volume are; export makes the same bytes again", async () => {
  const { train, test } = await pipeline(4);
  const look = async (file: string) => {
    const { code, stdout, stderr } = await run("inspect", file, "--json");
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout);
  };
  const model = await look(join(train, "model.safetensors"));
  assert.equal(model.kind, "model");
  assert.deepEqual(model.configuration.layers, [1, 1, 1, 1]);
  assert.equal(
    model.cost.parameters,
    model.cost.modules.reduce((sum: number, one: { parameters: number }) => sum + one.parameters, 0),
  );
  assert.deepEqual(model.provenance, {
    ...{ format: "dfdt-model/2", project: model.provenance.project, experiment: "phantom", dataset: "phantom" },
    ...{ step: "4", seed: "2023", weights: null },
  });
  const steps = model.recipe.map(({ step }: { step: string }) => step);
  assert.deepEqual(steps, ["orient", "window", "border", "scale", "square", "standardise"]);
  assert.equal(model.training.steps, 4);
  const snapshot = await look(join(train, "snapshots/step-2.safetensors"));
  assert.deepEqual([snapshot.kind, snapshot.provenance.step, snapshot.cost], ["snapshot", "2", model.cost]);
  assert.deepEqual(snapshot.optimizerState, ["velocity"]);
  const artifact = await look(train);
  assert.deepEqual([artifact.kind, artifact.manifest.stage], ["artifact", "train"]);
  assert.deepEqual(await look(join(train, "manifest.json")), { ...artifact, file: join(train, "manifest.json") });
  const [prediction] = [...Deno.readDirSync(join(test, "predictions"))];
  const volume = await look(join(test, "predictions", prediction.name));
  assert.deepEqual([volume.kind, volume.size.slice(0, 2)], ["volume", [65, 65]]);

  const [pth, again, back] = ["x.pth", "y.pth", "z.safetensors"].map((name) => join(dir, name));
  for (const [from, to] of [[join(train, "model.safetensors"), pth], [pth, back], [back, again]]) {
    assert.equal((await run("export", from, "--out", to, "--force")).code, 0);
  }
  assert.deepEqual(await Deno.readFile(again), await Deno.readFile(pth));
  const derived = await look(pth); // its sizes follow from the shapes; which quirks and rounding it was trained with no shape tells
  const { quirks, winograd, ...sizes } = model.configuration;
  assert.deepEqual([derived.configuration, derived.configurationFrom], [sizes, "shapes"]);
  assert.deepEqual([quirks.doubleSigmoidDice, winograd], [true, true]);
  const other = join(dir, "resnet.pth");
  const conv1 = { dtype: "F32" as const, shape: [1, 2], data: Float32Array.of(1, 2) };
  await Deno.writeFile(other, encodePth(new Map([["conv1.weight", conv1]])));
  const { kind, recognised, tensors } = await look(other);
  assert.deepEqual([kind, recognised, tensors], [
    ...["weights", "torchvision's ResNet", { "conv1.weight": { dtype: "F32", shape: [1, 2] } }],
  ]);
  const { stdout } = await run("inspect", join(train, "model.safetensors"));
  assert.match(stdout, /DFDT model .*\nconfiguration +image 65, planes 8/);
  assert.match(stdout, /\n +PDET +8,258 +0 .* per episode\n/);
});

Deno.test("weights that do not fit are refused before anything is made", async () => {
  const own = join(dir, "own");
  const weights = join(dir, "other.safetensors");
  await Deno.writeFile(
    weights,
    encodeSafetensors(new Map([["a", { dtype: "U8", shape: [1], data: Uint8Array.of(1) }]])),
  );
  const args = ["pipeline", "phantom", "--work", own, ...SMALL, "--weights"];
  await refused(
    [...args, weights],
    /Cannot use ".*other\.safetensors" as weights: expected the keys of torchvision's ResNet/,
  );
  await refused([...args, join(dir, "none.pth")], /none\.pth": expected a file of weights .*, found none/);
  await refused([...args, dir], /expected a file of weights/);
  await Deno.writeTextFile(join(dir, "text.pth"), "no weights");
  await refused([...args, join(dir, "text.pth")], /text\.pth": expected a PyTorch checkpoint .* found neither/);
  assert.deepEqual([...Deno.readDirSync(own)].map(({ name }) => name), []);
  await refused(["inspect", join(dir, "text.pth")], /found neither/);
  await refused(["inspect", join(dir, "nothing")], /expected a file or folder, found none/);
  await refused(["inspect", own], /expected a whole artifact with manifest\.json/);
  await refused(["export", weights, "--out", join(dir, "w.pth")], /expected a DFDT network, found other names/);
  await refused(["export", join(dir, "text.pth"), "--out", join(dir, "w.pth")], /found neither/);
});
