import assert from "node:assert/strict";
import { MemoryGrowth } from "./memory_growth.ts";

const MIB = 2 ** 20;

/** The steps at which growth is told, of a process with so much resident memory after a step. */
function told(resident: (step: number) => number, { start = 0, steps = 3000, every = 10, slack = 0 } = {}): number[] {
  const growth = new MemoryGrowth(start, slack);
  const found: number[] = [];
  for (let step = start + every; step <= start + steps; step += every) {
    if (growth.update(step, resident(step))) found.push(step);
  }
  return found;
}

Deno.test("MemoryGrowth tells of 1.75 MiB a step once, after some 60 steps, and of slower growth later", () => {
  const [fast, ...more] = told((step) => (400 + 1.75 * step) * MIB);
  assert.ok(fast > 60 && fast < 120, `told at ${fast}`);
  assert.deepEqual(more, []);
  const [slow] = told((step) => (400 + 0.12 * step) * MIB);
  assert.ok(slow > 500 && slow < 1200, `told at ${slow}`);
  const [resumed] = told((step) => (400 + 1.75 * (step - 5000)) * MIB, { start: 5000 });
  assert.equal(resumed, fast + 5000);
});

Deno.test("MemoryGrowth measures what grew between two steps", () => {
  const growth = new MemoryGrowth(0);
  let found;
  for (let step = 1; !found; step++) found = growth.update(step, (400 + 6 * step) * MIB);
  assert.equal(found.bytesPerStep, 6 * MIB);
  assert.deepEqual(found.from, { step: 21, resident: (400 + 6 * 21) * MIB });
  assert.equal(found.to.resident - found.from.resident, 6 * MIB * (found.to.step - found.from.step));
});

Deno.test("MemoryGrowth is silent about swings of the garbage collector, slow growth, and what comes once", () => {
  assert.deepEqual(told((step) => (400 + (step * 7919) % 41) * MIB), []);
  assert.deepEqual(told((step) => (400 + 0.05 * step) * MIB), []);
  assert.deepEqual(told((step) => (step < 500 ? 400 : 600) * MIB, { slack: 200 * MIB }), []);
  assert.notDeepEqual(told((step) => (step < 500 ? 400 : 600) * MIB), []);
});
