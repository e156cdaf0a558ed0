import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inFolder } from "../../src/testing/temporary_folder.ts";
import { contents, run, sets, SMALL } from "./command_line.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

const ARGS = ["pipeline", "phantom", "--until", "supervoxels", ...SMALL, ...sets("phantom.cases=4")];

/** Runs a shell's script in a place where it may mount. */
async function withMounts(script: string, dir: string): Promise<string> {
  const { stdout, stderr } = await new Deno.Command("unshare", {
    args: ["--mount", "sh", "-c", script, "script", dir, Deno.execPath(), ...ARGS],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return text(stdout) + text(stderr);
}

const mayMount = Deno.build.os === "linux" && new Deno.Command("unshare", {
  args: ["--mount", "sh", "-c", "mount -t tmpfs tmpfs /mnt"],
  stderr: "null",
}).outputSync().success;

Deno.test({
  name: "a full disk is told in our words, once, and the same command ends with the bytes of an undisturbed run",
  ignore: !mayMount,
  fn: () =>
    inFolder(async (dir) => {
      await Deno.mkdir(join(dir, "disk"));
      const said = await withMounts(
        `dir=$1/disk copy=$1/resumed deno=$2; shift 2
        mount -t tmpfs -o size=420k tmpfs "$dir"
        "$deno" run -A src/cli/main.ts "$@" --work "$dir/work"; echo "first: $?"
        mount -o remount,size=200m "$dir"
        "$deno" run -A src/cli/main.ts "$@" --work "$dir/work"; echo "second: $?"
        cp -a "$dir/work" "$copy"
        mount -o remount,ro "$dir"
        "$deno" run -A src/cli/main.ts "$@" --work "$dir/work" --from resample; echo "third: $?"
        "$deno" run -A src/cli/main.ts "$@" --work "$dir/work" --dry-run >/dev/null; echo "fourth: $?"`,
        dir,
      );
      assert.match(said, /^first: 1$/m);
      const full = said.match(
        /^Cannot write to ".*\/work": the disk is full \(\d+ of 430080 bytes free\)\. Free some .*$/gm,
      );
      assert.equal(full?.length, 1, said);
      assert.match(full[0], /the same command goes on from there$/);
      assert.doesNotMatch(said, /ENOSPC|os error|DFDT_DEBUG/);
      assert.match(said, /^second: 0$/m);
      assert.match(said, /^Cannot write to ".*\/work": the file system is read-only/m);
      assert.match(said, /^third: 1$/m);
      assert.match(said, /^fourth: 0$/m);
      assert.equal((await run(...ARGS, "--work", join(dir, "whole"))).code, 0);
      assert.deepEqual(await contents(join(dir, "resumed")), await contents(join(dir, "whole")));
    }),
});

Deno.test("a work folder that is a file, or nothing, is refused before anything is computed", () =>
  inFolder(async (dir) => {
    await Deno.writeTextFile(join(dir, "file"), "");
    for (const work of [join(dir, "file"), join(dir, "file/below")]) {
      const { code, stderr } = await run(...ARGS, "--work", work);
      assert.equal(code, 2, stderr);
      assert.match(stderr, /^Cannot use --work ".*": expected a folder, found a file$/m);
    }
    const { code, stderr } = await run(...ARGS, "--work", "");
    assert.equal(code, 2, stderr);
    assert.match(stderr, /^Cannot use --work "": expected a folder$/m);
  }));
