import assert from "node:assert/strict";
import { openDevice } from "../../src/gpu/mod.ts";
import { Random } from "../../src/random.ts";
import { fromArray, Scope, toIntegers, zeros } from "../../src/tensor/mod.ts";
import { mersenneTwister } from "./mersenne_twister.ts";
import { makeSampler, partition } from "./partition.ts";

/** NumPy's `choice(n)` over a list of outputs. */
function chooser(outputs: Iterator<number>): (n: number) => number {
  return (n) => {
    if (n === 1) return 0;
    const ones = 2 ** Math.ceil(Math.log2(n)) - 1;
    for (;;) {
      const value = (outputs.next().value! & ones) >>> 0;
      if (value < n) return value;
    }
  };
}

Deno.test("mersenneTwister() gives the outputs and choices of docs/reference/network.md, 2.10", () => {
  const outputs = mersenneTwister(1289, 2000);
  assert.deepEqual([...outputs.subarray(0, 5)], [3567002284, 369091025, 1891397485, 1157079386, 4005045809]);
  const choice = chooser(outputs.values());
  const counts = [22, 22, 22, 371, 13, 400, 1, 517, 64, 65, 100, 101, 1000, 3];
  assert.deepEqual(counts.map(choice), [12, 17, 13, 346, 1, 211, 0, 391, 27, 49, 47, 71, 997, 1]);
});

/** The plain algorithm on the host. */
function plain(mask: Float32Array, parts: number, fill: "first" | "nearest", choice: (n: number) => number) {
  const side = Math.sqrt(mask.length);
  const distance = (a: number, b: number) =>
    (a % side - b % side) ** 2 + (Math.floor(a / side) - Math.floor(b / side)) ** 2;
  const foreground = [...mask.keys()].filter((p) => mask[p] !== 0);
  const few = foreground.length < parts;
  let points = [...mask.keys()].filter((p) => mask[p] !== 0 || (few && p < parts));
  if (few && foreground.length > 0 && fill === "nearest") {
    const away = [...mask.keys()].map((p) => Math.min(...foreground.map((f) => distance(p, f))));
    points = [...mask.keys()].sort((a, b) => away[a] - away[b] || a - b).slice(0, parts).sort((a, b) => a - b);
  }
  const first = choice(points.length);
  const centres = [points[first]];
  while (centres.length < parts) {
    const nearest = points.map((p) => Math.min(...centres.map((c) => distance(p, c))));
    centres.push(points[nearest.indexOf(Math.max(...nearest))]);
  }
  const assignment = new Array(mask.length).fill(-1);
  for (const p of points) {
    const distances = centres.map((c) => distance(p, c));
    assignment[p] = distances.indexOf(Math.min(...distances));
  }
  return { assignment, first: [first, points.length] };
}

for (const fill of ["first", "nearest"] as const) {
  Deno.test(`partition() agrees with the plain algorithm over a stream of masks, few and no pixels included, fill ${fill}`, async () => {
    await openDevice();
    using _scope = new Scope();
    const sampler = makeSampler(1000);
    const choice = chooser(mersenneTwister(1289, 1000).values());
    const random = new Random("partition");
    for (
      const [side, parts, share] of [
        ...[[9, 5, 0.6], [17, 10, 0.02], [17, 10, 1], [25, 20, 0.3], [4, 1, 0], [13, 3, 0.5]],
        ...[[17, 60, 0.01], [65, 100, 0.001], [65, 100, 0.015], [9, 81, 0.1], [9, 7, 0]],
      ]
    ) {
      const mask = Float32Array.from({ length: side * side }, () => random.chance(share) ? 1e-6 : 0);
      const found = partition(fromArray(mask, [mask.length]), { parts, sampler, fill });
      const expected = plain(mask, parts, fill, choice);
      assert.deepEqual([...await toIntegers(found.first)], expected.first);
      assert.deepEqual([...await toIntegers(found.assignment)], expected.assignment);
    }
    const used = await sampler.readCursor();
    assert.ok(used >= 5);
    sampler.setCursor(used - 1);
    assert.equal(await sampler.readCursor(), used - 1);
    sampler[Symbol.dispose]();
  });
}

Deno.test("partition() rejects a matrix", async () => {
  await openDevice();
  using _scope = new Scope();
  const sampler = makeSampler(10);
  assert.throws(
    () => partition(zeros([4, 4]), { parts: 2, sampler, fill: "first" }),
    /Cannot partition a mask: expected mask \[pixels\]/,
  );
  sampler[Symbol.dispose]();
});
