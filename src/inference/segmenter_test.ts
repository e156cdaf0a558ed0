import assert from "node:assert/strict";
import { initialWeights, Network, type NetworkConfiguration } from "../dfdt/mod.ts";
import { memoryUse, openDevice, upload } from "../gpu/mod.ts";
import { Random } from "../random.ts";
import { EncodedSlices } from "./encoded_slices.ts";
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

/** Random weights, with a threshold at which much of an image is foreground, so that masks have something to differ in. */
async function randomNetwork(): Promise<Network> {
  await openDevice();
  const network = new Network(SMALL);
  for (const [name, values] of initialWeights(SMALL, { seed: 5, thresholdBias: -17 })) {
    upload(network.parameters.get(name), new Uint8Array(values.buffer));
  }
  return network;
}

Deno.test("segmentSlices() predicts the same whatever was predicted before", async () => {
  const network = await randomNetwork();
  const a = slice("a", 15), b = slice("b", 12);
  const queries = ["c", "d"].map((name) => slice(name, 14).image);
  const alone = await segmentSlices(network, a, queries);
  const share = alone[0].reduce((sum, value) => sum + value, 0) / SIDE ** 2;
  assert.ok(share > 0.02 && share < 0.98, `share of foreground ${share}`);
  await segmentSlices(network, b, queries);
  assert.deepEqual(await segmentSlices(network, a, queries), alone);
  assert.deepEqual(await segmentSlices(network, a, queries.toReversed()), alone.toReversed());
  network[Symbol.dispose]();
});

Deno.test("EncodedSlices encodes a slice once for several supports, as far as memory allows, with the same masks", async () => {
  const network = await randomNetwork();
  const supports = [slice("a", 15), slice("b", 12)], queries = ["c", "d", "e"].map((name) => slice(name, 14).image);
  const alone = [];
  for (const support of supports) alone.push(await segmentSlices(network, support, queries));
  assert.notDeepEqual(alone[0], alone[1]);

  let encoded = 0;
  const encode = network.encode.bind(network);
  network.encode = (...args: Parameters<Network["encode"]>) => (encoded++, encode(...args));
  const before = memoryUse().inUse;
  const bytesOfOne = (() => {
    using one = new EncodedSlices(network);
    one.of(queries[0]);
    return memoryUse().inUse - before;
  })();
  assert.equal(memoryUse().inUse, before);
  for (const [room, times] of [[2 ** 30, 5], [2.5 * bytesOfOne, 6], [0, 8]]) {
    encoded = 0;
    {
      using support = new EncodedSlices(network), kept = new EncodedSlices(network, room);
      for (const [i, from] of supports.entries()) {
        assert.deepEqual(await segmentSlices(network, from, queries, { support, queries: kept }), alone[i]);
      }
    }
    assert.equal(encoded, times);
    assert.equal(memoryUse().inUse, before);
  }
  network[Symbol.dispose]();
});
