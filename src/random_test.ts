import assert from "node:assert/strict";
import { philox, Random } from "./random.ts";

/** Words of a text in hexadecimal. */
const words = (text: string) => text.split(" ").map((word) => parseInt(word, 16));

Deno.test("philox() gives the known answers of its authors (Random123, kat_vectors, philox4x32 10)", () => {
  const known: [counter: string, key: string, expected: string][] = [
    ["00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"],
    ["ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"],
    ["243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"],
  ];
  for (const [counter, key, expected] of known) {
    const found = philox(words(counter) as [number, number, number, number], words(key) as [number, number]);
    assert.deepEqual([...found], words(expected));
  }
});

Deno.test("Random draws what it has drawn since version 0.1, so that a seed keeps its cohort and its training", () => {
  const random = new Random(2023, "episode", 7);
  assert.deepEqual(Array.from({ length: 5 }, () => random.uint32()), [
    644296319,
    1404436791,
    3339764947,
    2529405927,
    976307,
  ]);
  assert.equal(new Random(2023, "episode", 7).uniform(), 0.15001192187514834);
});

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
