import assert from "node:assert/strict";
import { oddIntensities } from "./intensity_checks.ts";
import type { Volume } from "./volume.ts";

const WINDOW = [-125, 275] as const;

function image(...values: number[]): Volume {
  const data = Int16Array.from(values);
  const affine = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
  return { data, size: [data.length, 1, 1], spacing: [1, 1, 1], affine };
}

const label = (...values: number[]) => ({ ...image(...values), data: Uint8Array.from(values) });

Deno.test("oddIntensities() says nothing of a CT in HU, nor of an MR", () => {
  assert.deepEqual(oddIntensities(image(-1000, 40, 60, 900), label(0, 1, 1, 0), WINDOW), []);
  assert.deepEqual(oddIntensities(image(0, 40, 60, 900), label(0, 1, 1, 0), undefined), []);
  assert.deepEqual(oddIntensities(image(-1000, 40, 60, 900), undefined, WINDOW), []);
});

Deno.test("oddIntensities() warns of a CT whose values are 1024 above HU, with the window that fits", () => {
  const [air, outside] = oddIntensities(image(24, 1064, 1084, 1924), label(0, 1, 1, 0), WINDOW);
  assert.match(air, /^intensities 24\.\.1924: a CT in HU has air below -500/);
  assert.match(air, /1024 above HU: --set data\.windowHU=\[899,1299\]; else --set data\.intensity=percentile/);
  assert.match(outside, /^100 % of the labelled voxels are above 275 HU/);
  const [lower, upper] = JSON.parse(/windowHU=(\[.*\])/.exec(outside)![1]);
  assert.ok(lower < 1064 && upper > 1084 && lower > 900 && upper < 1200, `${lower}..${upper}`);
  const [eight] = oddIntensities(image(0, 100, 120, 255), label(0, 1, 1, 0), WINDOW);
  assert.match(eight, /If they are not: --set data\.intensity=percentile/);
});

Deno.test("oddIntensities() counts labelled voxels alone, on either side of the window", () => {
  const below = oddIntensities(image(-1000, -900, -900, 40, 300), label(0, 1, 1, 1, 0), WINDOW);
  assert.match(below[0], /^67 % of the labelled voxels are below -125 HU/);
  assert.deepEqual(oddIntensities(image(-1000, -900, 40, 40, 300), label(0, 1, 1, 1, 0), WINDOW), []);
});

Deno.test("oddIntensities() warns of HU under another channel's name", () => {
  assert.match(
    oddIntensities(image(-1024, 0, 1500), undefined, undefined)[0],
    /-1024\.\.1500 look like HU, but go through the percentile cut: is it a CT\? --set data\.intensity=window/,
  );
});
