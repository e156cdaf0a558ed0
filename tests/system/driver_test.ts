import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inFolder } from "../../src/testing/temporary_folder.ts";
import { contents, run, SMALL } from "../pipeline/command_line.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Runs the phantom's pipeline on a driver that fails. */
async function failingRun(way: "wrong" | "silent" | "lost", dir: string, work: string): Promise<[number, string]> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "tests/system/failing_driver.ts", way, "pipeline", "phantom", ...SMALL, "--work", work],
    cwd: ROOT,
    // an adapter that was checked before is not checked again
    env: { NO_COLOR: "1", DFDT_PATIENCE_MINUTES: "1", XDG_CACHE_HOME: join(dir, `cache-${way}`) },
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return [code, text(stdout) + text(stderr)];
}

Deno.test("a driver that computes wrong is refused; one that is silent or lost ends a training in our words, and it goes on", () =>
  inFolder(async (dir) => {
    const whole = join(dir, "whole");
    assert.equal((await run("pipeline", "phantom", ...SMALL, "--work", whole)).code, 0);
    const expected = await contents(whole);

    const [code, said] = await failingRun("wrong", dir, join(dir, "wrong"));
    assert.equal(code, 3, said);
    assert.match(
      said,
      /^Cannot compute on ".+": a .+ that should give .+ gives .+\. Its driver computes wrong numbers: .*--adapter/m,
    );

    const WORDS = {
      silent: /".+" has not answered for 1 minutes; ".+" was the last that it was given to compute: its driver hangs\./,
      lost: /".+" was lost while it computed ".+"/,
    };
    for (const way of ["silent", "lost"] as const) {
      const work = join(dir, way);
      const [code, said] = await failingRun(way, dir, work);
      assert.equal(code, 1, said);
      assert.match(said, WORDS[way]);
      assert.match(said, /the same command goes on from there/);
      assert.doesNotMatch(said, /DFDT_DEBUG|^ {4}at /m);
      const { code: again, stdout, stderr } = await run("pipeline", "phantom", ...SMALL, "--work", work);
      assert.equal(again, 0, stderr);
      assert.match(stdout + stderr, /goes on from step 4/);
      assert.deepEqual(await contents(work), expected, way);
    }
  }));
