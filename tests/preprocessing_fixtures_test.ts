import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { comparePreprocessing } from "../src/parity/preprocessing.ts";

const FOLDER = new URL("fixtures/preprocessing/", import.meta.url);

// The fixtures were computed by an independent implementation in Python, checked against ITK, OpenCV and SciPy.
for await (const { name } of Deno.readDir(FOLDER)) {
  Deno.test(`comparePreprocessing() finds everything of ${name} within tolerance`, async () => {
    const rows = await comparePreprocessing(fileURLToPath(new URL(name, FOLDER)));
    assert.deepEqual(rows.filter(({ ok }) => !ok), []);
    assert.ok(rows.length > 0);
  });
}
