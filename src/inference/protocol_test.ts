import assert from "node:assert/strict";
import { measure, type Protocol, type SegmentSlices, type TestCase, testClass } from "./protocol.ts";

const SIDE = 4, AREA = SIDE * SIDE;

/** Every voxel of slice z has intensity z; the given slices show the class, one voxel more on each further one. */
function stack(id: string, depth: number, labelled: readonly number[]): TestCase {
  const slices = Array.from({ length: depth }, (_, z) => new Float32Array(AREA).fill(z));
  const labels = new Uint8Array(depth * AREA);
  for (const [k, z] of labelled.entries()) labels.fill(5, z * AREA, z * AREA + k + 1);
  return { id, slices, labels };
}

/** Tells who was segmented from whom, by intensity, and marks the first voxels of a query slice as many as its number. */
function recorder(): { segment: SegmentSlices; calls: [support: number, area: number, queries: number[]][] } {
  const calls: [number, number, number[]][] = [];
  return {
    calls,
    segment: (support, queries) => {
      calls.push([support.image[0], support.mask.reduce((a, b) => a + b, 0), queries.map(([z]) => z)]);
      return Promise.resolve(queries.map(([z]) => new Float32Array(AREA).fill(1, 0, z)));
    },
  };
}

async function plan(support: TestCase, query: TestCase, protocol: Protocol) {
  const { segment, calls } = recorder();
  const options = { label: 5, name: "LIVER", side: SIDE, protocol, shots: [1] };
  const result = await testClass(segment, { supports: [support], query }, options);
  return { result, calls };
}

function areaOf(mask: Uint8Array, z: number): number {
  return mask.subarray(z * AREA, (z + 1) * AREA).reduce((sum, value) => sum + value, 0);
}

const support = stack("s", 9, [2, 3, 4, 5, 6, 7]);

Deno.test("testClass() as published tests only the slices with the class, a third from each support slice", async () => {
  const { result, calls } = await plan(support, stack("q", 10, [1, 2, 3, 4, 5, 6, 7]), "published");
  assert.deepEqual(calls, [[3, 2, [1, 2]], [5, 4, [3, 4]], [7, 6, [5, 6, 7]]]);
  assert.deepEqual(result!.slices, [1, 2, 3, 4, 5, 6, 7]);
  const areas = Array.from({ length: 10 }, (_, z) => areaOf(result!.masks.copy, z));
  assert.deepEqual(areas, [0, 2, 2, 4, 4, 6, 6, 6, 0, 0]);
});

Deno.test("testClass() as published skips empty chunks, and leaves out a query without the class", async () => {
  const { calls } = await plan(support, stack("q", 10, [8]), "published");
  assert.deepEqual(calls, [[7, 6, [8]]]);
  assert.deepEqual(await plan(support, stack("q", 10, []), "published"), { result: undefined, calls: [] });
});

Deno.test("testClass() under volume segments every slice and does not look at the query's labels", async () => {
  const found = await plan(support, stack("q", 10, [1, 2, 3, 4, 5, 6, 7]), "volume");
  assert.deepEqual(found.calls, [[3, 2, [0, 1, 2]], [5, 4, [3, 4, 5]], [7, 6, [6, 7, 8, 9]]]);
  assert.deepEqual(found.result!.slices, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  const blind = { ...stack("q", 10, []), labels: new Proxy([], { get: () => assert.fail("looked at the truth") }) };
  assert.deepEqual(await plan(support, blind, "volume"), found);
  // the intensity of a slice is its number, so that of a support slice is only found on the same one
  const interval = Array.from({ length: 10 }, (_, z) => areaOf(found.result!.masks.interval, z));
  assert.deepEqual(interval, [0, 0, 0, 0, 0, AREA, 0, AREA, 0, 0]);
});

Deno.test("testClass() lets a single labelled support slice serve all, and refuses a support without the class", async () => {
  const { calls } = await plan(stack("s", 9, [4]), stack("q", 7, []), "volume");
  assert.deepEqual(calls, [[4, 1, [0, 1]], [4, 1, [2, 3]], [4, 1, [4, 5, 6]]]);
  await assert.rejects(
    plan(stack("s", 9, []), support, "volume"),
    /Cannot test class "LIVER": expected it in the support case "s"/,
  );
});

Deno.test("measure() adds distances in mm under volume, undefined where a mask is empty", () => {
  const grid = { size: [4, 4, 2] as [number, number, number], spacing: [2, 3, 5] as [number, number, number] };
  const one = (...voxels: number[]) => Uint8Array.from({ length: 32 }, (_, i) => Number(voxels.includes(i)));
  const about = (protocol: Protocol) => ({ protocol, ...grid });
  assert.deepEqual(measure(one(0, 1), one(0), about("published")), { dice: 2 / 3, iou: 0.5 });
  assert.deepEqual(measure(one(0), one(4), about("volume")), { dice: 0, iou: 0, hd95Mm: 3, assdMm: 3 });
  assert.deepEqual(measure(one(0), one(16), about("volume")), { dice: 0, iou: 0, hd95Mm: 5, assdMm: 5 });
  assert.deepEqual(measure(one(0), one(), about("volume")), { dice: 0, iou: 0, hd95Mm: null, assdMm: null });
  assert.deepEqual(measure(one(), one(), about("volume")), { dice: null, iou: null, hd95Mm: null, assdMm: null });
});

Deno.test("testClass() averages the probabilities of several shots, and passes over a support without the class", async () => {
  // each support case is sure of its own share of the slice
  const sure: Record<string, number> = { s: 0.9, t: 0.2, u: 0.1 };
  const segment: SegmentSlices = (_, queries, id) =>
    Promise.resolve(queries.map(() => new Float32Array(AREA).fill(sure[id])));
  const supports = [stack("s", 9, [4]), stack("t", 9, [2, 3]), stack("none", 9, []), stack("u", 9, [1])];
  const options = { label: 5, name: "LIVER", side: SIDE, protocol: "volume" as const, shots: [1, 2, 3, 4] };
  const result = await testClass(segment, { supports, query: stack("q", 4, []) }, options);
  // 0.9, then 0.55 on average, the same again, then 0.4
  const masks = [1, 2, 3, 4].map((count) => result!.byShots.get(count)!.reduce((a, b) => a + b, 0));
  assert.deepEqual(masks, [4 * AREA, 4 * AREA, 4 * AREA, 0]);
  assert.equal(result!.masks.network, result!.byShots.get(1));
  assert.deepEqual(result!.probability, new Uint8Array(4 * AREA).fill(90)); // of the first number of shots
  const later = await testClass(segment, { supports, query: stack("q", 4, []) }, { ...options, shots: [2, 1] });
  assert.deepEqual(later!.probability, new Uint8Array(4 * AREA).fill(55));
  assert.deepEqual(Array.from({ length: 4 }, (_, z) => areaOf(result!.masks.copy, z)), [1, 1, 1, 1]);
});
