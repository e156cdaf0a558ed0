import assert from "node:assert/strict";
import { Random } from "../random.ts";
import { assertDistribution, evenly, tally } from "../testing/chi_square.ts";
import { type AugmentationDraws, drawAugmentation } from "./augmentation_draws.ts";

const DRAWS = Array.from(
  { length: 20000 },
  (_, step) => drawAugmentation(new Random(2023, "augmentation", step), { shift: 5, amplitude: 10, sigma: 5 }),
);

/** Every number that is drawn, and its published range. */
const PARAMETERS: Record<string, [low: number, high: number, of: (draws: AugmentationDraws) => number]> = {
  gamma: [0.5, 1.5, ({ gamma }) => gamma.exponent],
  rotate: [-5, 5, ({ geometry }) => geometry.affine.rotate],
  shiftX: [-5, 5, ({ geometry }) => geometry.affine.shiftX],
  shiftY: [-5, 5, ({ geometry }) => geometry.affine.shiftY],
  shear: [-5, 5, ({ geometry }) => geometry.affine.shear],
  zoom: [0.9, 1.2, ({ geometry }) => geometry.affine.zoom],
  "first noise key": [0, 2 ** 32, ({ geometry }) => geometry.noiseKeys[0]],
  "second noise key": [0, 2 ** 32, ({ geometry }) => geometry.noiseKeys[1]],
};

/** Which of `count` equal parts of its range a parameter falls into. */
function part(draws: AugmentationDraws, name: string, count: number): number {
  const [low, high, of] = PARAMETERS[name];
  return Math.floor((of(draws) - low) / (high - low) * count);
}

const range = (count: number) => Array.from({ length: count }, (_, i) => i);

Deno.test("drawAugmentation() hits support and query with two independent fair coins", () => {
  const coins = DRAWS.map(({ gamma, geometry }) => `${gamma.side} ${geometry.side}`);
  assertDistribution(tally(coins), evenly(["support support", "support query", "query support", "query query"]));
});

for (const name in PARAMETERS) {
  Deno.test(`drawAugmentation() draws ${name} evenly from its published range, whatever the coins and the step before`, () => {
    assertDistribution(tally(DRAWS.map((draws) => part(draws, name, 20))), evenly(range(20)), name);
    const halves = ["support", "query"].flatMap((side) => range(5).map((i) => `${side} ${i}`));
    for (const coin of ["gamma", "geometry"] as const) {
      const pairs = DRAWS.map((draws) => `${draws[coin].side} ${part(draws, name, 5)}`);
      assertDistribution(tally(pairs), evenly(halves), `${name} and the coin of ${coin}`);
    }
    const steps = DRAWS.slice(1).map((draws, i) => 5 * part(DRAWS[i], name, 5) + part(draws, name, 5));
    assertDistribution(tally(steps), evenly(range(25)), `${name} of two steps`);
  });
}

Deno.test("drawAugmentation() draws every two parameters independently", () => {
  const names = Object.keys(PARAMETERS);
  for (const [i, a] of names.entries()) {
    for (const b of names.slice(i + 1)) {
      const cells = DRAWS.map((draws) => 5 * part(draws, a, 5) + part(draws, b, 5));
      assertDistribution(tally(cells), evenly(range(25)), `${a} and ${b}`);
    }
  }
});

Deno.test("drawAugmentation() draws shifts from the range that the image side asks for", () => {
  const options = { shift: 2, amplitude: 4, sigma: 2 };
  const shifts = range(4000).flatMap((step) => {
    const { geometry: { affine } } = drawAugmentation(new Random(1, "augmentation", step), options);
    return [affine.shiftX, affine.shiftY];
  });
  assert.ok(Math.min(...shifts) >= -2 && Math.min(...shifts) < -1.99);
  assert.ok(Math.max(...shifts) < 2 && Math.max(...shifts) > 1.99);
});
