/**
 * A process that makes an artifact, for tests of locks: `lease_process.ts DIR MILLISECONDS CLOCK`. Its clock is CLOCK seconds off.
 * It writes a file of several parts, slowly, through a handle that it keeps open, as a training does its log.
 */
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { beginArtifact, finishArtifact, lockArtifact, readManifest } from "../pipeline/store.ts";

/** Parts of the file. */
const PARTS = 10;

const [dir, milliseconds, clock] = Deno.args;
const now = Date.now;
Date.now = () => now() + Number(clock) * 1000;

for (;;) {
  await using lock = await lockArtifact(dir, () => {});
  if (await readManifest(dir)) break;
  try {
    const partial = await beginArtifact(dir, { resume: true, forced: false });
    const path = join(partial, "parts.txt");
    const done = (await readFile(path, "utf8").catch(() => "")).split("\n").slice(0, -1).length;
    const file = await open(path, "a");
    for (let part = done; part < PARTS; part++) {
      await file.write(`part ${part} of all\n`);
      await new Promise((resolve) => setTimeout(resolve, Number(milliseconds) / PARTS));
    }
    await file.close();
    await finishArtifact(dir, {
      ...{ stage: "s", version: 1, key: "k", parameters: {}, inputs: {}, versions: {}, warnings: [] },
      startTime: new Date().toISOString(),
    }, { partial });
    break;
  } catch (error) {
    if (!await lock.isLost()) throw error;
  }
}
