import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { inFolder } from "../../src/testing/temporary_folder.ts";

/** Sizes of the disk, from nothing to more than all. */
const SIZES = 50;

const mayMount = Deno.build.os === "linux" && new Deno.Command("unshare", {
  args: ["--mount", "sh", "-c", "mount -t tmpfs tmpfs /mnt"],
  stderr: "null",
}).outputSync().success;

Deno.test({
  name: `the phantom's run goes on with the same command each time a full disk grows, ${SIZES} sizes`,
  ignore: !mayMount,
  fn: () =>
    inFolder(async (dir) => {
      const { success, stdout, stderr } = await new Deno.Command("unshare", {
        args: ["--mount", Deno.execPath(), "run", "-A", "tests/system/filling_disk.ts", dir, String(SIZES)],
        cwd: fileURLToPath(new URL("../..", import.meta.url)),
        stdin: "null",
      }).output();
      const [said, faults] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
      assert.ok(success, said + faults);
      const { full, finished } = JSON.parse(said.trim().split("\n").at(-1)!);
      assert.ok(full >= 0.6 * SIZES && finished > 20, said);
      console.log(said.trim());
    }),
});
