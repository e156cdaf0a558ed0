import assert from "node:assert/strict";
import { cutHighest, standardize, windowIntensities } from "./intensity.ts";
import type { Volume } from "./volume.ts";

function volume(values: number[]): Volume {
  const affine = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
  return { data: Int16Array.from(values), size: [values.length, 1, 1], spacing: [1, 1, 1], affine };
}

Deno.test("windowIntensities() clips and stretches what is left to 0..255", () => {
  const { data } = windowIntensities(volume([-1000, -125, 75, 275, 900]), { lowerHU: -125, upperHU: 275 }, "a");
  assert.deepEqual([...data], [0, 0, 127.5, 255, 255]);
});

Deno.test("cutHighest() cuts at the percentile between two samples, truncated in an integer volume", () => {
  const values = [40, 3, 0, 10, 20]; // sorted: 0, 3, 10, 20, 40; 30 % above: position 2.8, between 10 and 20
  const floats = { ...volume(values), data: Float64Array.from(values) };
  assert.deepEqual([...cutHighest(floats, 30, "a").data], [18, 3, 0, 10, 18]);
  assert.deepEqual([...cutHighest(floats, 25, "a").data], [20, 3, 0, 10, 20]); // a sample itself
  assert.deepEqual([...cutHighest(floats, 0, "a").data], values);
  assert.deepEqual([...cutHighest(volume(values), 35, "a").data], [16, 3, 0, 10, 16]);
  assert.deepEqual([...cutHighest(volume(values), 33, "a").data], [16, 3, 0, 10, 16]); // 16.8
});

Deno.test("standardize() gives zero mean and unit deviation", () => {
  assert.deepEqual([...standardize(volume([1, 3]), "a").data], [-1, 1]);
});

Deno.test("intensity functions refuse a constant volume by name", () => {
  const constant = volume([7, 7, 7]);
  const message = /Cannot normalize "case\.nii": expected intensities that differ, found/;
  assert.throws(() => windowIntensities(constant, { lowerHU: -125, upperHU: 275 }, "case.nii"), message);
  assert.throws(() => windowIntensities(volume([900, 1000]), { lowerHU: -125, upperHU: 275 }, "case.nii"), message);
  assert.throws(() => cutHighest(constant, 0.5, "case.nii"), message);
  assert.throws(() => standardize(constant, "case.nii"), message);
});
