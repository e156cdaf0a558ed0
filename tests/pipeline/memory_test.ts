import assert from "node:assert/strict";
import { runWith, SMALL } from "./command_line.ts";

Deno.test("a training that does not fit into memory is refused before it begins, and says what would fit", async () => {
  const work = await Deno.makeTempDir();
  try {
    const args = ["pipeline", "phantom", "--work", work, "--until", "train", ...SMALL];
    const { code, stderr } = await runWith({ DFDT_GPU_MEMORY_GIB: "0.01" }, ...args);
    assert.equal(code, 2);
    assert.match(stderr, /Cannot train: expected \d+ MiB of memory for the adapter, found 10 MiB/);
    assert.match(stderr, /--preset tiny need less than 0\.5 GiB/);
    const bad = await runWith({ DFDT_GPU_MEMORY_GIB: "much" }, ...args);
    assert.equal(bad.code, 2);
    assert.match(bad.stderr, /Cannot use DFDT_GPU_MEMORY_GIB "much": expected a number of GiB above 0/);
  } finally {
    await Deno.remove(work, { recursive: true });
  }
});
