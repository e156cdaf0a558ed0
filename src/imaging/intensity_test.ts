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
