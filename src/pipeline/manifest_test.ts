import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { inFolder } from "../testing/temporary_folder.ts";
import { hashText } from "./digest.ts";
import { manifestsOf, readManifest } from "./manifest.ts";

const KEY = "0123456789abcdef01234567";

const WHOLE = {
  ...{ stage: "window", version: 1, key: KEY, parameters: {}, inputs: {}, versions: {}, warnings: [] },
  files: [{ path: "a.txt", bytes: 3, sha256: hashText("abc"), content: hashText("abc") }],
  ...{ startTime: "2026-01-01T00:00:00.000Z", endTime: "2026-01-01T00:00:01.000Z" },
};

async function write(stage: string, manifest: string, folder = KEY): Promise<string> {
  const dir = join(stage, folder);
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, "manifest.json"), manifest);
  await writeFile(join(dir, "a.txt"), "abc");
  return dir;
}

Deno.test("readManifest() takes what we wrote, and nothing else that is JSON, for an artifact", () =>
  inFolder(async (stage) => {
    const dir = await write(stage, JSON.stringify(WHOLE));
    assert.equal((await readManifest(dir, true))?.stage, "window");
    const file = WHOLE.files[0];
    const others: unknown[] = [
      ...[null, 1, "", [], {}, { files: null }, { files: [] }, { files: [{}] }, { files: [{ path: 5, bytes: 1 }] }],
      ...["stage", "version", "key", "inputs", "files", "endTime", "versions"].map((key) => ({
        ...WHOLE,
        [key]: undefined,
      })),
      ...["../a.txt", "/etc/passwd", "a/../a.txt", "", ".", "C:\\a", "\u0000"].map((path) => (
        { ...WHOLE, files: [{ ...file, path }] }
      )),
      ...[2, -1, 0.5, "3"].map((bytes) => ({ ...WHOLE, files: [{ ...file, bytes }] })),
      { ...WHOLE, files: [{ ...file, sha256: "0" }] },
      { ...WHOLE, key: KEY.replaceAll("0", "1") },
    ];
    for (const other of others) {
      await write(stage, JSON.stringify(other));
      assert.equal(await readManifest(dir), undefined, JSON.stringify(other));
    }
    await write(stage, JSON.stringify({ ...WHOLE, files: [{ ...file, sha256: hashText("abd") }] }));
    assert.ok(await readManifest(dir));
    assert.equal(await readManifest(dir, true), undefined);
  }));

Deno.test("manifestsOf() passes over what is no manifest, and sorts the others by time", () =>
  inFolder(async (stage) => {
    const keys = ["1", "2", "3"].map((digit) => digit.repeat(24));
    await write(stage, "null", keys[0]);
    await write(stage, JSON.stringify({ ...WHOLE, key: keys[1] }), keys[1]);
    await write(stage, JSON.stringify({ ...WHOLE, key: keys[2], endTime: "2026-01-02T00:00:00.000Z" }), keys[2]);
    await write(stage, "{}", `${KEY}.partial`);
    assert.deepEqual((await manifestsOf(stage)).map(({ key }) => key), [keys[2], keys[1]]);
  }));
