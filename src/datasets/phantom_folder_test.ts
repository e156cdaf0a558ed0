import assert from "node:assert/strict";
import { join } from "node:path";
import { UserError } from "../errors.ts";
import { inFolder } from "../testing/temporary_folder.ts";
import { openPhantomFolder } from "./phantom_folder.ts";

Deno.test("openPhantomFolder() takes a new or empty folder and the same cohort again, nothing else", () =>
  inFolder(async (dir) => {
    const refused = (path: string, options: Record<string, unknown>, message: RegExp) =>
      assert.rejects(
        openPhantomFolder(path, options),
        (error) => error instanceof UserError && message.test(error.message),
      );
    const cohort = { layout: "sabs", cases: 3 }, path = join(dir, "new/cohort");
    await openPhantomFolder(path, cohort);
    await Deno.writeTextFile(join(path, "img0001.nii.gz"), "");
    await openPhantomFolder(path, cohort);
    await refused(path, { ...cohort, cases: 2 }, /found another cohort, made with \{"layout":"sabs","cases":3\}/);
    await Deno.mkdir(join(dir, "scans"));
    await openPhantomFolder(join(dir, "scans"), cohort);
    await Deno.remove(join(dir, "scans/.phantom.json"));
    await Deno.writeTextFile(join(dir, "scans/mine.nii.gz"), "");
    await refused(join(dir, "scans"), cohort, /found 1 others, "mine\.nii\.gz" among them\. Choose another --out/);
    await refused(join(dir, "scans/mine.nii.gz"), cohort, /found a file/);
  }));
