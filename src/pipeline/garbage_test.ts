import assert from "node:assert/strict";
import { join } from "node:path";
import { inFolder } from "../testing/temporary_folder.ts";
import { findGarbage, removeGarbage } from "./garbage.ts";
import { beginArtifact, finishArtifact, lockArtifact } from "./store.ts";
import { readLastUses, rememberUses } from "./use_memory.ts";

const KEYS = ["a", "b", "c", "d"].map((letter) => letter.repeat(24));
const DAY_MS = 24 * 3600 * 1000;
const NOW = new Date("2030-06-15T12:00:00Z");
const daysAgo = (days: number) => new Date(NOW.getTime() - days * DAY_MS);

/** An artifact that was made some days ago. */
async function make(dir: string, days: number): Promise<void> {
  const partial = await beginArtifact(dir, { resume: false, forced: false });
  await Deno.writeTextFile(join(partial, "file"), "x".repeat(1000));
  const about = {
    stage: "train",
    version: 1,
    key: dir.slice(-24),
    parameters: {},
    inputs: {},
    versions: {},
    warnings: [],
  };
  await finishArtifact(dir, { ...about, startTime: daysAgo(days).toISOString() });
  const path = join(dir, "manifest.json");
  const manifest = JSON.parse(await Deno.readTextFile(path));
  await Deno.writeTextFile(path, JSON.stringify({ ...manifest, endTime: daysAgo(days).toISOString() }));
}

Deno.test("findGarbage() lists what no run has read or made for some days, cases and unfinished work too", () =>
  inFolder(async (work) => {
    const train = join(work, "phantom/train"), cases = join(work, "phantom/window/cases");
    const [old, young, read, unfinished] = KEYS;
    for (const key of [old, read]) await make(join(train, key), 40);
    await make(join(train, young), 20);
    await make(join(cases, old), 31);
    await rememberUses(work, [join(train, read)], daysAgo(10));
    const partial = await beginArtifact(join(train, unfinished), { resume: true, forced: false });
    await Deno.mkdir(join(partial, "snapshots"));
    await Deno.writeTextFile(join(partial, "snapshots/step-1.safetensors"), "");
    for (const path of [join(partial, "snapshots/step-1.safetensors"), join(partial, "snapshots"), partial]) {
      await Deno.utime(path, daysAgo(33), daysAgo(33));
    }
    await Deno.writeTextFile(join(work, "phantom/report.html"), "not an artifact");
    const listed = async (days: number) =>
      (await findGarbage(work, { days, now: NOW })).map((
        { path, kind, days },
      ) => [path.slice(work.length + 1), kind, days]);
    assert.deepEqual(await listed(30), [
      [`phantom/train/${old}`, "artifact", 40],
      [`phantom/train/${unfinished}.partial`, "unfinished", 33],
      [`phantom/window/cases/${old}`, "artifact", 31],
    ]);
    assert.deepEqual((await listed(9)).length, 5);
    await Deno.utime(join(partial, "snapshots/step-1.safetensors"), daysAgo(1), daysAgo(1)); // a run has gone on with it
    assert.deepEqual((await listed(30)).length, 2);
  }));

Deno.test("removeGarbage() leaves what a process holds, and leaves no lock behind", () =>
  inFolder(async (work) => {
    const dir = join(work, "phantom/train", KEYS[0]);
    await make(dir, 40);
    const [garbage] = await findGarbage(work, { days: 30, now: NOW });
    {
      await using _held = await lockArtifact(dir, () => {});
      // the same process may lock a file twice on some systems, another one may not
      const script = `const { removeGarbage } = await import(${
        JSON.stringify(new URL("./garbage.ts", import.meta.url).href)
      });
        console.log(await removeGarbage(${JSON.stringify(garbage)}));`;
      const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["eval", script] }).output();
      assert.equal(new TextDecoder().decode(stdout).trim(), "false");
    }
    assert.equal(await removeGarbage(garbage), true);
    assert.deepEqual([...Deno.readDirSync(join(work, "phantom/train"))], []);
  }));

Deno.test("rememberUses() keeps the latest day of every artifact, and passes over what is damaged", () =>
  inFolder(async (work) => {
    await rememberUses(work, [join(work, "a/b")], daysAgo(3));
    await rememberUses(work, [join(work, "a/b"), join(work, "a/c")], daysAgo(5));
    assert.deepEqual(await readLastUses(work), { "a/b": "2030-06-12", "a/c": "2030-06-10" });
    await Deno.writeTextFile(join(work, ".used.json"), "{");
    await rememberUses(work, [join(work, "a/b")], NOW);
    assert.deepEqual(await readLastUses(work), { "a/b": "2030-06-15" });
  }));
