import assert from "node:assert/strict";
import { inFolder } from "../../testing/temporary_folder.ts";
import { LogFollower, pointsOf } from "./log_follower.ts";

const line = (step: number, total = step) => JSON.stringify({ step, total, milliseconds: 1 }) + "\n";
const linesOf = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => line(from + i)).join("");

Deno.test("LogFollower reads what is new, whole lines only, and a log that was cut back anew", () =>
  inFolder(async (dir) => {
    const path = `${dir}/metrics.jsonl`;
    const follower = new LogFollower(path);
    await follower.read();
    assert.deepEqual(follower.log.steps, []);
    await Deno.writeTextFile(path, linesOf(1, 4) + '{"step":5,"to');
    await follower.read();
    assert.deepEqual(follower.log.steps, [1, 2, 3, 4]);
    await Deno.writeTextFile(path, linesOf(1, 6));
    await follower.read();
    assert.deepEqual(follower.log.steps, [1, 2, 3, 4, 5, 6]);
    // cut back by a resumed run
    await Deno.writeTextFile(path, linesOf(1, 2));
    await follower.read();
    assert.deepEqual(follower.log.steps, [1, 2]);
    // cut back and grown beyond what was read, with longer lines
    await Deno.writeTextFile(path, linesOf(1, 2) + Array.from({ length: 7 }, (_, i) => line(i + 3)).join(""));
    await follower.read();
    assert.equal(follower.log.steps.length, 9);
    await Deno.writeTextFile(path, linesOf(100, 140));
    await follower.read();
    assert.equal(follower.log.steps.length, 41);
    assert.equal(follower.log.steps[0], 100);
  }));

Deno.test("pointsOf() gives what a page lacks, and everything to a page that has something else", () => {
  const steps = Array.from({ length: 7 }, (_, i) => i + 1);
  const values = { total: steps.map((step) => 10 * step), dice: steps.map(() => NaN) };
  const log = { steps, values, milliseconds: 0, recentMilliseconds: [] };
  const of = (change: Partial<Parameters<typeof pointsOf>[1]>) =>
    pointsOf(log, { planned: 2000, have: 0, last: 0, isOver: false, ...change });
  assert.deepEqual(of({}), {
    from: 0,
    steps: [1.5, 3.5, 5.5],
    values: { total: [15, 35, 55], dice: [null, null, null] },
  });
  assert.deepEqual(of({ have: 2, last: 3.5 }).steps, [5.5]);
  assert.deepEqual(of({ have: 3, last: 5.5 }).steps, []);
  assert.equal(of({ have: 2, last: 9 }).from, 0);
  assert.equal(of({ have: 9, last: 9 }).from, 0);
  assert.deepEqual(of({ have: 3, last: 5.5, isOver: true }).steps, [7]);
});
