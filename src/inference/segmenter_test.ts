import assert from "node:assert/strict";
import { initialWeights, Network, type NetworkConfiguration } from "../dfdt/mod.ts";
import { openDevice, upload } from "../gpu/mod.ts";
import { Random } from "../random.ts";
import { segmentSlices } from "./segmenter.ts";

const SIDE = 65;
const SMALL: NetworkConfiguration = {
  image: SIDE,
  planes: 8,
  layers: [1, 1, 1, 1],
  classes: 12,
  channels: 32,
  parts: 10,
  embedding: 12,
};

/** Noise with brighter noise in a disc, and the disc. */
function slice(name: string, radius: number) {
  const random = new Random(name);
  const mask = Float32Array.from({ length: SIDE * SIDE }, (_, i) => {
    return Number(Math.hypot(i % SIDE - 30, Math.floor(i / SIDE) - 34) < radius);
  });
  return { image: mask.map((m) => m + random.normal()), mask };
}

Deno.test("segmentSlices() predicts the same whatever was predicted before", async () => {
  await openDevice();
  const network = new Network(SMALL);
  // A threshold at which much of an image is foreground, so that masks have something to differ in.
  for (const [name, values] of initialWeights(SMALL, { seed: 5, thresholdBias: -17 })) {
    upload(network.parameters.get(name), new Uint8Array(values.buffer));
  }
  const a = slice("a", 15), b = slice("b", 12);
  const queries = ["c", "d"].map((name) => slice(name, 14).image);
  const alone = await segmentSlices(network, a, queries);
  const share = alone[0].reduce((sum, value) => sum + value, 0) / SIDE ** 2;
  assert.ok(share > 0.02 && share < 0.98, `share of foreground ${share}`);
  await segmentSlices(network, b, queries);
  assert.deepEqual(await segmentSlices(network, a, queries), alone);
  assert.deepEqual(await segmentSlices(network, a, queries.toReversed()), alone.toReversed());
  network.release();
});
