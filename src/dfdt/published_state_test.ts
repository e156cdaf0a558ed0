import assert from "node:assert/strict";
import { configurationOf, publishedState } from "./published_state.ts";

const LAYERS: Record<string, [number, number, number, number]> = { full: [3, 4, 23, 3], small: [1, 2, 2, 1] };
const FULL = { image: 257, planes: 64, layers: LAYERS.full, classes: 1000, channels: 512, parts: 100, embedding: 96 };

Deno.test("publishedState() has the 710 entries of the published snapshots: 395 + 104 × 3 + 2 + 1", () => {
  const state = publishedState(FULL);
  const count = (test: (name: string, kind: string) => boolean) =>
    state.filter(({ name, kind }) => test(name, kind)).length;
  assert.equal(state.length, 710);
  assert.equal(new Set(state.map(({ name }) => name)).size, 710);
  assert.equal(count((_, kind) => kind === "parameter"), 395);
  assert.equal(count((_, kind) => kind === "counter"), 104);
  assert.equal(count((_, kind) => kind === "statistic"), 208);
  assert.equal(count((name) => name.endsWith("relative_position_index")), 2);
  assert.equal(count((name) => name.endsWith("attn_mask")), 1);
  assert.deepEqual([...new Set(state.map(({ name }) => name.split(".")[0]))], [
    ...["encoder", "swim", "MHA", "MLP", "layer_norm", "g", "eca", "ea"],
  ]);
});

Deno.test("publishedState() has the buffers of the shifted windows of docs/reference/network.md, 2.2", () => {
  const mask = publishedState(FULL).find(({ name }) => name === "swim.layers.0.blocks.1.attn_mask")!;
  assert.deepEqual(mask.shape, [64, 64, 64]);
  const at = (window: number, a: number, b: number) => mask.values![(window * 64 + a) * 64 + b];
  assert.equal(mask.values!.length, 64 ** 3);
  assert.ok(mask.values!.subarray(0, 64 ** 2).every((value) => value === 0)); // the first window is one region
  assert.equal(at(7, 3, 4), -100); // at the right edge columns 0..3 and 4..7 lie apart
  assert.equal(at(7, 3, 8 * 7 + 3), 0);
  assert.equal(at(63, 8 * 3, 8 * 4), -100); // in the last window rows as well
});

Deno.test("configurationOf() finds the configuration again from the shapes, for all sides of the presets", () => {
  for (const image of [257, 256, 129, 128, 97, 96, 65, 64]) {
    const configuration = { ...FULL, layers: LAYERS.small, image };
    const shapes = new Map(publishedState(configuration).map(({ name, shape }) => [name, shape]));
    assert.deepEqual(configurationOf(shapes), configuration);
    shapes.delete("g.fc1.weight");
    assert.equal(configurationOf(shapes), undefined);
  }
});
