import assert from "node:assert/strict";
import { readdir, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { recordSyncs } from "../testing/record_syncs.ts";
import { inFolder } from "../testing/temporary_folder.ts";
import { beginArtifact, finishArtifact, lockArtifact, tryLockArtifact } from "./store.ts";

const ABOUT = {
  stage: "s",
  version: 1,
  key: "key",
  parameters: {},
  inputs: {},
  startTime: "",
  versions: {},
  warnings: [],
};

/** Begins an artifact, writes a file into it, and returns what was there before. */
async function begin(dir: string, options: { resume: boolean; forced: boolean }, write: string): Promise<string[]> {
  const partial = await beginArtifact(dir, options);
  const before = (await readdir(partial)).filter((name) => !name.startsWith("."));
  await writeFile(join(partial, write), "");
  return before.sort();
}

Deno.test("beginArtifact() keeps what is there if it may be resumed; a forced start clears it, and only the first one", async () => {
  const root = await Deno.makeTempDir();
  try {
    const dir = join(root, "key");
    const [resume, forced] = [{ resume: true, forced: false }, { resume: true, forced: true }];
    assert.deepEqual(await begin(dir, resume, "a"), []);
    assert.deepEqual(await begin(dir, resume, "b"), ["a"]);
    assert.deepEqual(await begin(dir, forced, "c"), []);
    assert.deepEqual(await begin(dir, forced, "d"), ["c"]);
    assert.deepEqual(await begin(dir, resume, "e"), ["c", "d"]);
    assert.deepEqual(await begin(dir, { resume: false, forced: false }, "f"), []);
    const { files } = await finishArtifact(dir, ABOUT);
    assert.deepEqual(files.map(({ path }) => path), ["f"]);
    assert.deepEqual(await begin(dir, forced, "g"), []); // the artifact is finished: forced anew
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

Deno.test({
  name: "finishArtifact() has every file and the manifest on the disk before the artifact bears its name",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const root = await Deno.realPath(await Deno.makeTempDir());
    try {
      const dir = join(root, "key");
      const partial = await beginArtifact(dir, { resume: false, forced: false });
      for (const name of ["a.txt", "b.txt"]) await writeFile(join(partial, name), name);
      const synced = await recordSyncs(async () => void await finishArtifact(dir, ABOUT));
      const names = ["a.txt", "b.txt", "manifest.json"];
      // and the names in its folders, then its own
      const expected = [...names.map((name) => `key.partial/${name}`), "key.partial", ""];
      assert.deepEqual(synced.map((path) => relative(root, path)), expected);
      assert.deepEqual((await readdir(dir)).sort(), names);
    } finally {
      await Deno.remove(root, { recursive: true });
    }
  },
});

Deno.test("lockArtifact() never lets two hold an artifact, although its file comes and goes with its holder", () =>
  inFolder(async (parent) => {
    const dir = join(parent, "artifact");
    const first = await lockArtifact(dir, () => {});
    const { promise: isWaiting, resolve } = Promise.withResolvers<string>();
    const second = lockArtifact(dir, resolve);
    assert.equal(await isWaiting, `process ${Deno.pid}`);
    await first[Symbol.asyncDispose](); // the file that the second waits for is gone
    const held = await second;
    assert.equal(await tryLockArtifact(dir), undefined);
    await held[Symbol.asyncDispose]();
    assert.deepEqual([...Deno.readDirSync(parent)], []);
    await using third = await tryLockArtifact(dir);
    assert.ok(third);
  }));
