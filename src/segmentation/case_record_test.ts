import assert from "node:assert/strict";
import { join } from "node:path";
import { inFolder } from "../testing/temporary_folder.ts";
import { type CaseRecord, differenceOf, readRecord, recordsIn } from "./case_record.ts";

const RECORD: CaseRecord = {
  format: "dfdt-segmentation/1",
  query: "q",
  supports: [{ image: "i", label: "l" }],
  model: "m",
  options: { classes: [{ value: 1, name: "one" }] },
  classes: [{ label: 1, name: "one", voxels: 2, millilitres: 0.5, slices: 1, disagreement: null }],
  files: { "a.nii.gz": "1", "sheets/a.png": "2" },
  outside: 0,
  warnings: [],
};

Deno.test("readRecord() reads what was written, and nothing that names a file outside of its folder", () =>
  inFolder(async (dir) => {
    const path = join(dir, "a.json");
    await Deno.writeTextFile(path, JSON.stringify(RECORD));
    assert.deepEqual(await readRecord(path), RECORD);
    assert.deepEqual([...(await recordsIn(dir)).keys()], ["a"]);
    for (
      const name of [
        "../b.nii.gz",
        "..",
        "sheets/../../b",
        "/etc/passwd",
        "a\\b",
        "x/y",
        "sheets/..",
        "sheets/a/b",
        "./a",
        "../",
      ]
    ) {
      await Deno.writeTextFile(path, JSON.stringify({ ...RECORD, files: { [name]: "1" } }));
      assert.equal(await readRecord(path), undefined, name);
    }
    for (const text of ["null", "1", "{}", "[]", "{", ""]) {
      await Deno.writeTextFile(path, text);
      assert.equal(await readRecord(path), undefined, text);
    }
  }));

Deno.test("differenceOf() names what a case would be made of differently", () => {
  assert.equal(differenceOf(RECORD, { ...RECORD }), undefined);
  assert.equal(differenceOf(RECORD, { ...RECORD, model: "n" }), "other model");
  assert.equal(differenceOf(RECORD, { ...RECORD, query: "r", options: {} }), "other scan, options");
});
