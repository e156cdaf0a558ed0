import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Random } from "../../src/random.ts";
import { inFolder } from "../../src/testing/temporary_folder.ts";
import { contents, SMALL } from "../pipeline/command_line.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Kills of the whole test, and sizes of the disk. */
const KILLS = 40, SIZES = 50;

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

const mayMount = Deno.build.os === "linux" && new Deno.Command("unshare", {
  args: ["--mount", "sh", "-c", "mount -t tmpfs tmpfs /mnt"],
  stderr: "null",
}).outputSync().success;

Deno.test({
  name: `a run goes on with the same command each time a full disk grows, ${SIZES} sizes`,
  ignore: !mayMount,
  fn: () =>
    inFolder(async (dir) => {
      const whole = join(dir, "whole"), disk = join(dir, "disk"), copy = join(dir, "copy");
      const args = ["--until", "supervoxels", "--set", "phantom.cases=4"];
      const first = await dyingRun(0, "--work", whole, ...args);
      assert.equal(first.code, 0, first.said);
      const kib = Math.ceil([...Deno.readDirSync(whole)].length + await bytesBelow(whole) / 1024);
      await Deno.mkdir(disk);
      const { stdout, stderr } = await new Deno.Command("unshare", {
        args: [
          ...["--mount", "sh", "-c"],
          `dir=$1 copy=$2 kib=$3 sizes=$4 deno=$5; shift 5
          mount -t tmpfs -o size=40k tmpfs "$dir"
          for i in $(seq 1 "$sizes"); do
            mount -o remount,size=$((40 + 2 * kib * i / sizes))k "$dir"
            "$deno" run -A src/cli/main.ts "$@" --work "$dir/work" 2>&1 | grep -E "disk is full|ENOSPC|os error|DFDT_DEBUG"
          done
          "$deno" run -A src/cli/main.ts "$@" --work "$dir/work" >/dev/null; echo "last: $?"
          cp -a "$dir/work" "$copy"`,
          ...[
            "script",
            disk,
            copy,
            String(kib),
            String(SIZES),
            Deno.execPath(),
            "pipeline",
            "phantom",
            ...SMALL,
            ...args,
          ],
        ],
        cwd: ROOT,
        env: { NO_COLOR: "1" },
        stdin: "null",
      }).output();
      const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
      assert.match(said, /^last: 0$/m);
      assert.doesNotMatch(said, /ENOSPC|os error|DFDT_DEBUG/);
      const full = said.match(/the disk is full \(\d+ of \d+ bytes free\)/g)?.length ?? 0;
      assert.ok(full > 10, `${full} full disks: ${said}`);
      const found = [...await contents(copy)].filter(([path]) => !path.endsWith(".lock") && !path.includes(".old/"));
      assert.deepEqual(new Map(found), await contents(whole));
      console.log(`${full} of ${SIZES} sizes were too small`);
    }),
});

async function bytesBelow(dir: string): Promise<number> {
  let bytes = 0;
  for await (const { name, isDirectory } of Deno.readDir(dir)) {
    const path = join(dir, name);
    bytes += isDirectory ? await bytesBelow(path) : 4096 * Math.ceil((await Deno.stat(path)).size / 4096);
  }
  return bytes;
}
