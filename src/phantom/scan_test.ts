import assert from "node:assert/strict";
import { phantomCase } from "./scan.ts";

const OPTIONS = { cases: 11, size: 96, slices: 8, seed: 2023 };

Deno.test("phantomCase() shows all test organs, each at its intensity, and repeats itself by seed", () => {
  const { image, label } = phantomCase(3, OPTIONS);
  assert.deepEqual(phantomCase(3, OPTIONS).image.data, image.data);
  assert.notDeepEqual(phantomCase(3, { ...OPTIONS, seed: 7 }).image.data, image.data);
  assert.notDeepEqual(phantomCase(4, OPTIONS).image.data, image.data);
  for (const organ of [1, 2, 3, 6, 7, 8]) {
    const values = [...image.data].filter((_, i) => label.data[i] === organ);
    assert.ok(values.length > 30, `organ ${organ} has ${values.length} voxels`);
    const mean = values.reduce((a, b) => a + b) / values.length;
    assert.ok(organ === 7 ? mean > -20 && mean < 90 : mean > 70 && mean < 220, `organ ${organ} has ${mean} HU`);
  }
});
