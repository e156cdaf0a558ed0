import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { open, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { inFolder } from "../testing/temporary_folder.ts";
import { leaseBytes, type LeaseText, leaseTimes, takeLease } from "./lease.ts";

const TIMES = leaseTimes("0.5");

/** Longest that anything may take here, in ms: far more than it takes, since the machine may do other things. */
const MOST_MS = 30_000;

/** A sign of life, as a holder gives it: the file is never empty. */
async function write(path: string, text: LeaseText): Promise<void> {
  const file = await open(path, "r+").catch(() => open(path, "w"));
  await file.write(leaseBytes(text), 0, null, 0);
  await file.close();
}

Deno.test("takeLease() gives a lease to one at a time, and says who has it", () =>
  inFolder(async (dir) => {
    const path = join(dir, "artifact.lease");
    let holders = 0, most = 0;
    const told: string[] = [];
    await Promise.all(Array.from({ length: 5 }, async () => {
      const lease = await takeLease(path, (holder) => told.push(holder), TIMES);
      most = Math.max(most, ++holders);
      await new Promise((resolve) => setTimeout(resolve, 20));
      holders--;
      assert.equal(await lease.isLost(), false);
      await lease.release();
    }));
    assert.equal(most, 1);
    assert.deepEqual(new Set(told), new Set([`process ${Deno.pid} of ${Deno.hostname()}`]));
    assert.deepEqual(await readdir(dir), []);
  }));

Deno.test("a lease whose holder is silent is taken away, one that is heard of is not, whatever the clocks say", () =>
  inFolder(async (dir) => {
    const path = join(dir, "artifact.lease");
    const text: LeaseText = { id: "a", host: "elsewhere", process: 1, processStart: "", beat: 0 };
    await write(path, text);
    const began = performance.now();
    const beats = setInterval(() => write(path, { ...text, beat: ++text.beat }), 100);
    let isTaken = false;
    const taking = takeLease(path, () => {}, TIMES).then((lease) => (isTaken = true, lease));
    await new Promise((resolve) => setTimeout(resolve, 1500));
    assert.equal(isTaken, false);
    clearInterval(beats);
    const first = await taking;
    assert.ok(performance.now() - began > 1500 + 400);
    // whoever it was taken from sees it, and gives nothing back that is not its own
    await write(path, { ...text, id: "b" });
    assert.equal(await first.isLost(), true);
    await first.release();
    assert.equal(JSON.parse(await readFile(path, "utf8")).id, "b");
  }));

Deno.test("a lease outlives a main thread that is busy; that of a dead process of this machine is free at once", () =>
  inFolder(async (dir) => {
    const path = join(dir, "artifact.lease");
    const lease = await takeLease(path, () => {}, TIMES);
    // read synchronously: this thread does nothing else until the file has changed often enough, or never will
    const beatOf = () => JSON.parse(readFileSync(path, "utf8")).beat as number;
    while (beatOf() === 0) await new Promise((resolve) => setTimeout(resolve, 50)); // the worker begins
    const before = beatOf(), until = performance.now() + MOST_MS;
    while (beatOf() < before + 4 && performance.now() < until);
    assert.ok(beatOf() >= before + 4, `${before} ${beatOf()}`);
    await lease.release();
    const dead = { id: "a", host: Deno.hostname(), process: 2 ** 22 + 1, processStart: "1", beat: 0 };
    await write(path, dead);
    const began = performance.now();
    await (await takeLease(path, () => {}, leaseTimes("60"))).release();
    assert.ok(performance.now() - began < MOST_MS, "a lease of a minute was waited for");
  }));

Deno.test("leaseTimes() refuses what is no time", () => {
  assert.throws(() => leaseTimes("soon"), {
    message: 'Cannot use DFDT_LEASE_SECONDS "soon": expected a number in 0.5..3600',
  });
});
