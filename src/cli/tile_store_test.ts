import assert from "node:assert/strict";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { inFolder } from "../testing/temporary_folder.ts";
import { cacheDirectory, tileStoreIn } from "./tile_store.ts";

Deno.test("tileStoreIn() keeps tiles by adapter, adds to those of others, and starts anew where its file is damaged", () =>
  inFolder(async (dir) => {
    const store = tileStoreIn(join(dir, "new"));
    assert.deepEqual(await store.load("a"), {});
    await store.save("a", { work: "8 × 8" });
    await store.save("b", { work: "4 × 4" });
    await store.save("a", { more: "16 × 8" });
    assert.deepEqual(await tileStoreIn(join(dir, "new")).load("a"), { work: "8 × 8", more: "16 × 8" });
    assert.deepEqual(await store.load("b"), { work: "4 × 4" });
    assert.deepEqual(await readdir(join(dir, "new")), ["tiles.json"]);
    for (const damaged of ["{", "null", '{"version":0,"adapters":{"a":{"work":"old"}}}']) {
      await writeFile(join(dir, "new", "tiles.json"), damaged);
      assert.deepEqual(await store.load("a"), {});
    }
  }));

Deno.test("tileStoreIn() goes on without a directory that can be written to", () =>
  inFolder(async (dir) => {
    await writeFile(join(dir, "file"), "");
    const store = tileStoreIn(join(dir, "file", "below"));
    await store.save("a", { work: "8 × 8" });
    assert.deepEqual(await store.load("a"), {});
  }));

Deno.test("cacheDirectory() follows the system's rules", () => {
  assert.equal(cacheDirectory({ XDG_CACHE_HOME: "/c" }, "linux"), join("/c", "dfdt"));
  assert.equal(cacheDirectory({ LOCALAPPDATA: "/l" }, "windows"), join("/l", "dfdt", "cache"));
  assert.match(cacheDirectory({}, "linux"), /\.cache.dfdt$/);
  assert.match(cacheDirectory({}, "darwin"), /Library.Caches.dfdt$/);
});
