import assert from "node:assert/strict";
import { join } from "node:path";
import { encodeSafetensors } from "../weights/safetensors.ts";
import { inspect, type InspectedModel } from "./inspect.ts";

const CONFIGURATION = {
  image: 65,
  planes: 8,
  layers: [1, 1, 1, 1],
  classes: 8,
  channels: 32,
  parts: 10,
  embedding: 12,
};

/** What `inspect` says of a file with these arrays that was trained by a recipe. */
async function inspected(names: string[], optimizer?: "sgd" | "adamw"): Promise<InspectedModel> {
  const dir = await Deno.makeTempDir();
  try {
    const file = join(dir, "step-2.safetensors");
    const tensors = names.map((name) => [name, { dtype: "F32", shape: [2], data: Float32Array.of(1, 2) }] as const);
    const training = optimizer && { training: JSON.stringify({ optimizer }) };
    await Deno.writeFile(
      file,
      encodeSafetensors(new Map(tensors), { configuration: JSON.stringify(CONFIGURATION), ...training }),
    );
    const found = await inspect(file);
    assert.ok(found.kind === "model" || found.kind === "snapshot");
    return found;
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("inspect() takes the state of either optimiser for a snapshot, and counts what it takes", async () => {
  const { kind, memoryBytes: { weights, training }, cost: { parameters } } = await inspected(["optimizer.velocity"]);
  assert.deepEqual([kind, training], ["snapshot", weights + 8 * parameters]);
  const adamw = await inspected(["optimizer.firstMoment", "optimizer.secondMoment"], "adamw");
  assert.deepEqual([adamw.kind, adamw.memoryBytes.training], ["snapshot", weights + 12 * parameters]);
  assert.deepEqual(adamw.optimizerState, ["firstMoment", "secondMoment"]);
});

Deno.test("inspect() counts for a model what the optimiser of its recipe would keep", async () => {
  for (const [optimizer, perParameter] of [[undefined, 8], ["sgd", 8], ["adamw", 12]] as const) {
    const { kind, memoryBytes: { weights, training }, cost } = await inspected(["bn1.weight"], optimizer);
    assert.deepEqual([kind, training], ["model", weights + perParameter * cost.parameters], optimizer);
  }
});
