import assert from "node:assert/strict";
import type { NetworkConfiguration } from "./configuration.ts";
import { initialWeights } from "./initial_weights.ts";
import { networkState } from "./state.ts";

const PAPER: NetworkConfiguration = {
  image: 257,
  planes: 64,
  layers: [3, 4, 23, 3],
  classes: 1000,
  channels: 512,
  parts: 100,
  embedding: 96,
};

Deno.test("networkState() has the published numbers of parameters and entries, those without gradient too", () => {
  const count = (configuration: NetworkConfiguration, gradient?: boolean) =>
    networkState(configuration)
      .filter((entry) => entry.kind === "parameter" && (gradient === undefined || entry.gradient === gradient))
      .reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  assert.equal(count(PAPER), 52_104_090);
  assert.equal(count(PAPER, false), 4_822_760);
  const entries = networkState(PAPER);
  assert.equal(entries.filter(({ kind }) => kind === "parameter").length, 395);
  // the modules that the published forward pass never uses, or whose result it throws away
  const unused = new Set(
    entries.filter(({ kind, gradient }) => kind === "parameter" && !gradient)
      .map(({ name }) => /^(MHA|.*(?=\.(weight|bias)$))/.exec(name)![0]),
  );
  assert.deepEqual([...unused].sort(), ["MHA", "encoder.convs", "encoder.reduce2", "swim.head"]);
});

type Expected = { normal: number } | { uniform: number } | { constant: number };

/**
 * The published distribution of every tensor by its name (docs/reference/network.md, 4.1), C = 64, planes = 16, K = 20.
 */
const DISTRIBUTIONS: [RegExp, Expected][] = [
  [/running_mean$|^(encoder.*(bn\d|downsample\.1)|.*norm\d?)\.bias$/, { constant: 0 }],
  [/running_var$|^(encoder.*(bn\d|downsample\.1)|.*norm\d?)\.weight$/, { constant: 1 }],
  [/^encoder\.backbone\.conv1\.weight$/, { normal: Math.sqrt(2 / (7 * 7 * 16)) }],
  [/^encoder\.backbone\.layer1\.0\.conv2\.weight$/, { normal: Math.sqrt(2 / (3 * 3 * 16)) }],
  [/^encoder\.backbone\.layer3\.0\.downsample\.0\.weight$/, { normal: Math.sqrt(2 / 256) }],
  [/^encoder\.reduce[12]\.weight$/, { normal: Math.sqrt(2 / 64) }],
  [/^encoder\.backbone\.fc\./, { uniform: 1 / Math.sqrt(512) }],
  [/^encoder\.reduce1d\./, { uniform: 1 / Math.sqrt(40) }],
  [/^encoder\.convs\./, { uniform: 1 / Math.sqrt(64) }],
  [/^swim\.patch_embed\.proj\./, { uniform: 1 / Math.sqrt(3 * 4 * 4) }],
  [/^swim\.conv\./, { uniform: 1 / Math.sqrt(24) }],
  [/^swim\.(layers.*(qkv|attn\.proj|fc\d)|head)\.weight$/, { normal: 0.02 }],
  [/^swim\.(layers|head).*\.bias$/, { constant: 0 }],
  [/relative_position_bias_table$/, { normal: 0.02 }],
  [/^g\.fc/, { uniform: 1 / Math.sqrt(25) }],
  [/^eca\.conv1\.weight$/, { uniform: 1 / Math.sqrt(128) }],
  [/^eca\.conv\.weight$/, { uniform: 1 / Math.sqrt(3) }],
  [/^ea\.w_a$/, { normal: 1 }],
  [/^ea\.(to_query|to_key|Proj|final)\./, { uniform: 1 / Math.sqrt(20) }],
  [/^ea\.lka\.conv0\./, { uniform: 1 / 5 }],
  [/^ea\.lka\.conv_spatial\./, { uniform: 1 / 7 }],
  [/^ea\.lka\.conv1\./, { uniform: 1 / Math.sqrt(64) }],
  [/^MLP\.mlp\.0\./, { uniform: 1 / Math.sqrt(64) }],
  [/^MLP\.mlp\.2\./, { uniform: 1 / Math.sqrt(128) }],
  [/^MHA\.w_.s\.weight$/, { normal: Math.sqrt(2 / 128) }],
  [/^MHA\.fc\.weight$/, { normal: Math.sqrt(2 / (64 + 192)) }],
  [/^MHA\.w_.s\.bias$/, { uniform: 1 / Math.sqrt(64) }],
  [/^MHA\.fc\.bias$/, { uniform: 1 / Math.sqrt(192) }],
];

Deno.test("initialWeights() draws every tensor from its published distribution", () => {
  const small = { ...PAPER, image: 97, planes: 16, classes: 40, channels: 64 };
  const configuration: NetworkConfiguration = { ...small, layers: [1, 1, 1, 1], parts: 20, embedding: 24 };
  let checked = 0;
  for (const [name, values] of initialWeights(configuration, { seed: 1 })) {
    const expected = DISTRIBUTIONS.find(([pattern]) => pattern.test(name))?.[1];
    if (!expected) {
      assert.match(name, /^encoder\.backbone\.layer\d\.0\.(conv\d|downsample\.0)\.weight$/);
      continue;
    }
    checked++;
    if ("constant" in expected) {
      assert.ok(values.every((value) => value === expected.constant), name);
      continue;
    }
    const size = values.length;
    const deviation = "normal" in expected ? expected.normal : expected.uniform / Math.sqrt(3);
    const mean = values.reduce((sum, value) => sum + value, 0) / size;
    const found = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / size);
    // five standard errors; the square of a uniform value varies less than that of a normal one
    assert.ok(Math.abs(mean) < 5 * deviation / Math.sqrt(size), `mean of ${name}: ${mean}`);
    if (size >= 30) assert.ok(Math.abs(found / deviation - 1) < 5 / Math.sqrt(2 * size), `deviation of ${name}`);
    const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    if ("uniform" in expected) assert.ok(largest <= expected.uniform, name);
    else if (size > 1000) assert.ok(largest > 3 * deviation, name);
  }
  assert.ok(checked > 120, `${checked} tensors`);
});
