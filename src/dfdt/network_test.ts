import assert from "node:assert/strict";
import { makeSampler } from "../../kernels/mod.ts";
import { openDevice, upload } from "../gpu/mod.ts";
import { Random } from "../random.ts";
import { fromArray, Scope, type Tensor, toArray, toIntegers } from "../tensor/mod.ts";
import type { NetworkConfiguration, Quirks } from "./configuration.ts";
import { initialWeights } from "./initial_weights.ts";
import type { Episode } from "../episode.ts";
import { Network } from "./network.ts";
import { maskOnMap, partPrototypes } from "./prototypes.ts";
import { DfdtTrainable, dropPathFactors, MEASURES } from "./trainable.ts";

/** Scalars of a step: what the training loop does not measure itself. */
const SCALAR_NAMES = MEASURES.map(({ name }) => name).filter((name) =>
  !/^(learningRate|gradientNorm|milliseconds)$/.test(name)
);

const SIDE = 65, FEATURES = 17;
const SMALL: NetworkConfiguration = {
  image: SIDE,
  planes: 8,
  layers: [1, 1, 1, 1],
  classes: 12,
  channels: 32,
  parts: 10,
  embedding: 12,
};

async function smallNetwork(quirks?: Partial<Quirks>): Promise<Network> {
  await openDevice();
  const network = new Network({ ...SMALL, quirks });
  for (const [name, values] of initialWeights(SMALL, { seed: 5, thresholdBias: -14 })) {
    upload(network.parameters.get(name), new Uint8Array(values.buffer));
  }
  return network;
}

/** Noise with a disc of other noise in it, the support's smaller than the query's. */
function episode(): Episode<Tensor> {
  const random = new Random("episode");
  const draw = (radius: number) => {
    const inside = (i: number) => Math.hypot(i % SIDE - 30, Math.floor(i / SIDE) - 34) < radius;
    const mask = Float32Array.from({ length: SIDE * SIDE }, (_, i) => Number(inside(i)));
    return [fromArray(mask.map((m) => m + random.normal()), [SIDE, SIDE]), fromArray(mask, [SIDE, SIDE])];
  };
  const [supportImage, supportMask] = draw(15), [queryImage, queryMask] = draw(18);
  return { supportImage, supportMask, queryImage, queryMask };
}

/** What a network computes of an episode's losses, by the names of docs/reference/network.md, 5.3. */
async function observeLosses(quirks: Partial<Quirks>): Promise<Map<string, Float32Array>> {
  const network = await smallNetwork(quirks);
  using _scope = new Scope();
  const tensors: [string, Tensor][] = [];
  network.observe = (name, tensor) => tensors.push([name, tensor]);
  network.losses(episode());
  const found = new Map<string, Float32Array>();
  for (const [name, tensor] of tensors) if (tensor.dtype === "f32") found.set(name, await toArray(tensor));
  network[Symbol.dispose]();
  return found;
}

for (const published of [true, false]) {
  Deno.test(`Network.losses() aligns and suppresses with the published or the repaired limits, published ${published}`, async () => {
    const found = await observeLosses({ alignThreshold: published, flooredAffinity: published });
    const tau = found.get("tau")!, prototype = found.get("getFeatures#6")!;
    assert.ok(Math.abs(tau[0] - tau[1]) > 0.01, "both thresholds are alike");
    const features = found.get("gate")!; // [2, n, n, C], the support first
    const norm = (x: ArrayLike<number>) => Math.max(Math.hypot(...Array.from(x)), 1e-8);
    for (const pixel of [0, 100, FEATURES ** 2 - 1]) {
      const one = features.subarray(pixel * SMALL.channels, (pixel + 1) * SMALL.channels);
      const product = one.reduce((sum, value, c) => sum + value * prototype[c], 0);
      const logit = 10 * product / (norm(one) * norm(prototype)) + tau[published ? 1 : 0] / 2;
      assert.ok(Math.abs(found.get("getPred#8")![pixel] - 1 / (1 + Math.exp(-logit))) < 1e-5);
    }
    for (const round of [0, 1, 2]) {
      const affinity = found.get(`pdet.affinity#${round}`)!;
      const exact = (Math.min(...affinity) + affinity.reduce((a, b) => a + b) / affinity.length) / 2;
      const limit = found.get(`pdet.kc#${round}`)![0];
      assert.ok(Math.abs(limit - (published ? Math.floor(exact) : exact)) < 1e-4 * Math.abs(exact));
    }
  });
}

for (const topRowFill of [true, false]) {
  Deno.test(`partPrototypes() fills a small foreground up from the top row or around it, topRowFill ${topRowFill}`, async () => {
    await openDevice();
    using _scope = new Scope();
    const sampler = makeSampler(100);
    // Features that say where they are: with as many pixels as parts every prototype is one pixel.
    const rows = Float32Array.from({ length: FEATURES ** 2 * 4 }, (_, i) => {
      const pixel = Math.floor(i / 4);
      return [Math.floor(pixel / FEATURES), pixel % FEATURES, 0, 0][i % 4];
    });
    const features = fromArray(rows, [FEATURES ** 2, 4]);
    const whole = new Float32Array(SIDE * SIDE);
    whole[37 * SIDE + 26] = 1; // between the pixels of the map that resizing looks at
    const mapMask = maskOnMap(fromArray(whole, [1, SIDE, SIDE, 1]), { side: FEATURES, findAlways: !topRowFill });
    const fill = topRowFill ? "first" as const : "nearest" as const;
    const options = { parts: 10, sampler, fill };
    const { prototypes, first } = partPrototypes({ features, directions: features, side: FEATURES }, mapMask, options);
    assert.equal((await toIntegers(first))[1], 10);
    const found = await toArray(prototypes);
    const places = Array.from({ length: 10 }, (_, k) => [Math.round(found[4 * k]), Math.round(found[4 * k + 1])]);
    const isNear = places.map(([y, x]) => Math.hypot(y - 9.5, x - 6.5) < 3);
    const isTop = places.map(([y]) => y === 0);
    assert.deepEqual(topRowFill ? isTop : isNear, new Array(10).fill(true));
    sampler[Symbol.dispose]();
  });
}

/** The sampler's draws of some training steps. */
async function draws(quirks: Partial<Quirks>, steps: readonly number[]): Promise<number[][]> {
  const network = await smallNetwork(quirks);
  const trainable = new DfdtTrainable(network, { seed: 3 });
  const found: number[][] = [];
  for (const step of steps) {
    using _scope = new Scope();
    found.push([...await toIntegers(trainable.step(episode(), step).draw)]);
  }
  network[Symbol.dispose]();
  return found;
}

Deno.test("DfdtTrainable.step() draws from one stream as published, or by the step alone, sharedSampler false", async () => {
  const published = await draws({}, [7, 7]);
  assert.ok(published[0][1] > SMALL.parts);
  assert.notDeepEqual(published[0], published[1]); // the same episode and step, but one draw later
  const keyed = await draws({ sharedSampler: false }, [7, 9, 7]);
  assert.deepEqual(keyed[2], keyed[0]);
  assert.notDeepEqual(keyed[1], keyed[0]);
});

for (const freezeBatchNorm of [false, true]) {
  Deno.test(`DfdtTrainable.step() uses the right statistics and keeps them if frozen: ${freezeBatchNorm}`, async () => {
    const network = await smallNetwork();
    const { parameters } = network;
    const channels = SMALL.planes;
    const statistics = { running_mean: 0.1, running_var: 0.7 };
    for (const { name, shape } of parameters.entries) {
      const value = Object.entries(statistics).find(([suffix]) => name.endsWith(suffix))?.[1];
      if (value !== undefined) {
        const size = shape.reduce((a, b) => a * b, 1);
        upload(parameters.get(name), new Uint8Array(new Float32Array(size).fill(value).buffer));
      }
    }
    using _scope = new Scope();
    const observed = new Map<string, Tensor>();
    network.observe = (name, tensor) => observed.set(name, tensor);
    network.losses(episode(), { freezeBatchNorm });
    const x = await toArray(observed.get("conv1")!), y = await toArray(observed.get("bn1")!);
    const rows = x.length / channels;
    for (let c = 0; c < channels; c++) {
      let mean = statistics.running_mean, variance = statistics.running_var;
      if (!freezeBatchNorm) {
        mean = variance = 0;
        for (let r = 0; r < rows; r++) mean += x[r * channels + c] / rows;
        for (let r = 0; r < rows; r++) variance += (x[r * channels + c] - mean) ** 2 / rows;
      }
      for (const r of [0, 99, rows - 1]) {
        assert.ok(Math.abs(y[r * channels + c] - (x[r * channels + c] - mean) / Math.sqrt(variance + 1e-5)) < 1e-4);
      }
    }
    network.observe = () => {};
    const running = parameters.get("encoder.backbone.layer3.0.bn2.running_var");
    const before = await toArray(running);
    const { scalars } = new DfdtTrainable(network, { seed: 1, freezeBatchNorm }).step(episode(), 1);
    assert.equal(scalars.size, SCALAR_NAMES.length);
    assert.ok((await toArray(scalars)).every(Number.isFinite));
    const after = await toArray(running);
    assert.equal(after.every((value, i) => value === before[i]), freezeBatchNorm);
    assert.equal(network.batchesTracked, freezeBatchNorm ? 0 : 1);
    const gradient = await toArray(parameters.get("encoder.backbone.layer3.0.bn2.weight").gradient!);
    assert.ok(gradient.every((value) => Number.isFinite(value)) && gradient.some((value) => value !== 0));
    network[Symbol.dispose]();
  });
}

Deno.test("dropPathFactors() drops each branch of each image in one of ten steps, and else divides by 0.9", () => {
  const steps = 10_000;
  const dropped = [0, 0, 0, 0], together = new Set<string>();
  for (let step = 1; step <= steps; step++) {
    const factors = dropPathFactors(2023, step).flat();
    for (const [i, factor] of factors.entries()) {
      if (factor === 0) dropped[i]++;
      else assert.equal(factor, 1 / 0.9);
    }
    together.add(factors.map((factor) => Number(factor > 0)).join(""));
  }
  // 0.1 within four standard deviations of the mean of so many draws: 0.012
  for (const count of dropped) assert.ok(Math.abs(count / steps - 0.1) < 0.012, `dropped ${dropped} of ${steps}`);
  assert.ok(together.size >= 15); // each on its own; all four at once is one step of 10,000
  assert.deepEqual(dropPathFactors(2023, 7), dropPathFactors(2023, 7));
});

Deno.test("DfdtTrainable.step() drops paths unless told not to", async () => {
  const totals: number[] = [];
  for (const dropPath of [undefined, true, false]) {
    const network = await smallNetwork();
    using _scope = new Scope();
    const trainable = new DfdtTrainable(network, dropPath === undefined ? { seed: 3 } : { seed: 3, dropPath });
    const { scalars } = trainable.step(episode(), 1);
    totals.push((await toArray(scalars))[SCALAR_NAMES.indexOf("total")]);
    network[Symbol.dispose]();
  }
  assert.equal(totals[0], totals[1]);
  assert.notEqual(totals[1], totals[2]);
});

Deno.test("MEASURES has every loss and what else a line of the log tells, by its name in TensorBoard, but for the time", () => {
  assert.deepEqual(MEASURES.map(({ name, tag }) => `${name}: ${tag ?? "-"}`), [
    ...["query", "periphery", "align", "mse", "qry", "boundary", "dice", "total"].map((name) =>
      `${name}: loss/${name}`
    ),
    "learningRate: optimizer/learningRate",
    "gradientNorm: optimizer/gradientNorm",
    "threshold: threshold/support",
    "milliseconds: -",
    "episodeDice: episode/dice",
    "queryThreshold: threshold/query",
  ]);
});

Deno.test("Network takes Winograd's algorithm unless told not to, which changes features by less than a thousandth", async () => {
  await openDevice();
  const configuration: NetworkConfiguration = { ...SMALL, image: 64, planes: 32, layers: [1, 1, 2, 1] };
  const weights = initialWeights(configuration, { seed: 5, thresholdBias: -14 });
  const encoded: Float32Array[] = [];
  for (const winograd of [undefined, false]) {
    using network = new Network({ ...configuration, winograd });
    for (const [name, values] of weights) upload(network.parameters.get(name), new Uint8Array(values.buffer));
    using _scope = new Scope();
    const random = new Random("image");
    const image = fromArray(Float32Array.from({ length: 64 * 64 }, () => random.normal()), [1, 64, 64]);
    encoded.push(await toArray(network.encode(image, { training: true }).features));
  }
  const [winograd, direct] = encoded;
  const largest = Math.max(...direct.map(Math.abs));
  const difference = Math.max(...direct.map((value, i) => Math.abs(value - winograd[i])));
  assert.ok(difference > 0 && difference < 1e-3 * largest, `${difference} of ${largest}`);
});
