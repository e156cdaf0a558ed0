import assert from "node:assert/strict";
import { Random } from "./random.ts";

Deno.test("Random repeats a stream from its keys alone, and other keys give another stream", () => {
  const draw = (...keys: (number | string)[]) =>
    Array.from({ length: 9 }, ((r) => () => r.uint32())(new Random(...keys)));
  assert.deepEqual(draw(1, "episode", 7), draw(1, "episode", 7));
  assert.notDeepEqual(draw(1, "episode", 7), draw(1, "episode", 8));
  assert.notDeepEqual(draw(1, 23), draw(12, 3));
});

Deno.test("Random.uniform() and normal() have the moments of their distributions", () => {
  const random = new Random("moments");
  const n = 40000;
  const uniform = Array.from({ length: n }, () => random.uniform(-1, 3));
  const normal = Array.from({ length: n }, () => random.normal());
  const mean = (list: number[]) => list.reduce((a, b) => a + b) / n;
  assert.ok(Math.abs(mean(uniform) - 1) < 0.03);
  assert.ok(Math.abs(mean(uniform.map((x) => (x - 1) ** 2)) - 16 / 12) < 0.03);
  assert.ok(Math.abs(mean(normal)) < 0.03);
  assert.ok(Math.abs(mean(normal.map((x) => x * x)) - 1) < 0.05);
});

Deno.test("Random.integer() reaches every value and rejects an empty range", () => {
  const random = new Random("integers");
  const counts = new Array(7).fill(0);
  for (let i = 0; i < 7000; i++) counts[random.integer(7)]++;
  assert.ok(counts.every((count) => count > 850 && count < 1150));
  assert.throws(() => random.integer(0), { message: "Cannot draw an integer: expected a count in 1..2^32, found 0" });
});
