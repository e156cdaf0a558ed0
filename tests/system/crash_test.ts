import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Random } from "../../src/random.ts";
import { inFolder } from "../../src/testing/temporary_folder.ts";
import { contents, SMALL } from "../pipeline/command_line.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Kills of the whole test. */
const KILLS = 40;

/** Runs the phantom's pipeline, killed before the n-th file operation; returns its exit code and what it said. */
async function dyingRun(n: number, ...args: string[]): Promise<{ code: number; said: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "tests/system/dying_run.ts", String(n), "pipeline", "phantom", ...SMALL, ...args],
    cwd: ROOT,
    env: { NO_COLOR: "1", DFDT_WORKERS: "1" }, // what workers write is not counted
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, said: text(stdout) + text(stderr) };
}

Deno.test(`the phantom's run ends with the bytes of an undisturbed one after SIGKILL at ${KILLS} file operations`, () =>
  inFolder(async (dir) => {
    const whole = join(dir, "whole");
    const { code, said } = await dyingRun(0, "--work", whole);
    assert.equal(code, 0, said);
    const operations = Number(/operations: (\d+)/.exec(said)![1]), expected = await contents(whole);
    const random = new Random(18, "kills");
    let kills = 0, ends = 0;
    while (kills < KILLS) {
      const work = join(dir, `work-${ends++}`);
      for (;;) {
        // the runs between two kills come to all operations together in about half of the kills
        const last = kills < KILLS ? 1 + random.integer(Math.ceil(4 * operations / KILLS)) : 0;
        const { code, said } = await dyingRun(last, "--work", work);
        if (code === 0) break;
        assert.equal(code, 137, said);
        kills++;
      }
      // what clean removes: the rest of a lock, an artifact that was replaced
      const found = [...await contents(work)].filter(([path]) => !path.endsWith(".lock") && !path.includes(".old/"));
      assert.deepEqual(new Map(found), expected, `after ${kills} kills`);
    }
    console.log(`${kills} kills among ${operations} file operations, ${ends} runs to the end`);
  }));
