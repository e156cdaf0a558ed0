import assert from "node:assert/strict";
import { Random } from "../random.ts";
import { randomRotation, rotated, storedAs, VOXEL_ORDERS } from "../testing/voxel_orders.ts";
import { cohortOf } from "./cohort.ts";
import { countOutside } from "./index_map.ts";
import { applyToImage, applyToLabel, mapOfRecipe, type Recipe, undo } from "./recipe.ts";
import { customRecipe, mrRecipe, sabsRecipe } from "./recipes.ts";
import type { Triple, Volume } from "./volume.ts";

/** A volume with a value in every voxel. */
function volumeOf(size: Triple, spacing: Triple, value: (x: number, y: number, z: number) => number): Volume {
  const data = new Float64Array(size[0] * size[1] * size[2]);
  for (let z = 0, i = 0; z < size[2]; z++) {
    for (let y = 0; y < size[1]; y++) for (let x = 0; x < size[0]; x++) data[i++] = value(x, y, z);
  }
  return {
    data,
    size,
    spacing,
    affine: [spacing[0], 0, 0, -30, 0, spacing[1], 0, 20, 0, 0, spacing[2], 5, 0, 0, 0, 1],
  };
}

/** A recipe of every experiment for a scan, without what changes intensities. */
function recipesFor(scan: Volume, side: number): Record<string, Recipe> {
  const { frame, inPlaneMm } = cohortOf(new Map([["first", scan]]), { side });
  const custom = customRecipe({ intensity: { cutPercent: 0 }, frame, inPlaneMm, sliceSpacingMm: null, side });
  const thinner = customRecipe({
    intensity: { cutPercent: 0 },
    frame,
    inPlaneMm: 0.8 * inPlaneMm,
    sliceSpacingMm: 1.7,
    side,
  });
  const spacingMm: Triple = [1.3 * scan.spacing[0], 1.1 * scan.spacing[1], 0.9 * scan.spacing[2]];
  const grid = { full: scan.size[0], border: 2, target: side - 1, side };
  const all = {
    custom,
    thinner,
    mr: mrRecipe({ cutPercent: 0, spacingMm, size: side }),
    sabs: sabsRecipe({ lowerHU: 0, upperHU: 1 }, grid).resample,
  };
  return Object.fromEntries(
    Object.entries(all).map((
      [name, recipe],
    ) => [name, recipe.filter(({ step }) => step !== "cut" && step !== "window")]),
  );
}

Deno.test("mapOfRecipe() says where applyToImage() puts every voxel", () => {
  const random = new Random("map of a recipe");
  for (let round = 0; round < 24; round++) {
    const size: Triple = [12 + random.integer(8), 12 + random.integer(8), 5 + random.integer(5)];
    const spacing: Triple = [random.uniform(0.5, 2), random.uniform(0.5, 2), random.uniform(2, 6)];
    const order = VOXEL_ORDERS[random.integer(VOXEL_ORDERS.length)];
    // a volume of indices along one axis of the grid as it is stored
    const plain = rotated(volumeOf(size, spacing, () => 0), randomRotation(random));
    const stored = storedAs(plain, order);
    for (const [name, recipe] of Object.entries(recipesFor(plain, 16))) {
      if (name === "sabs" || name === "mr") { // they leave the order of axes alone
        if (round > 0) continue;
      }
      const { map, there } = mapOfRecipe(recipe, stored);
      for (const axis of [0, 1, 2]) {
        const indices = { ...volumeOf(stored.size, stored.spacing, (...at) => at[axis] + 1), affine: stored.affine };
        const applied = applyToImage(recipe, indices, "indices");
        assert.deepEqual(applied.size, there, name);
        const k = map.axes.indexOf(axis);
        let compared = 0;
        for (let z = 0, i = 0; z < there[2]; z++) {
          for (let y = 0; y < there[1]; y++) {
            for (let x = 0; x < there[0]; x++, i++) {
              const at = [x, y, z];
              const raw = at.map((index, j) => (index - map.offset[j]) / map.scale[j]);
              const border = (j: number) => name === "sabs" && j < 2 ? 2 : 0; // what is cut off is no neighbour
              const isInside = raw.every((value, j) => {
                return value >= border(j) && value <= stored.size[map.axes[j]] - 1 - border(j);
              });
              if (!isInside) continue;
              compared++;
              assert.ok(Math.abs(applied.data[i] - 1 - raw[k]) < 1e-6, `${name}: voxel ${at} along ${axis}`);
            }
          }
        }
        assert.ok(compared > 100, `${name}: ${compared}`);
      }
    }
  }
});

Deno.test("undo() brings a mask back onto the raw grid: oblique, anisotropic, cropped, in any order of voxels", () => {
  const random = new Random("undo");
  for (let round = 0; round < 12; round++) {
    const size: Triple = [40 + random.integer(20), 40 + random.integer(20), 10 + random.integer(8)];
    const spacing: Triple = [random.uniform(0.7, 1.4), random.uniform(0.7, 1.4), random.uniform(2, 5)];
    const centre = size.map((n) => (n - 1) / 2), radius = size.map((n) => 0.3 * n);
    const ellipsoid = (...at: number[]) =>
      Number(at.reduce((sum, x, k) => sum + ((x - centre[k]) / radius[k]) ** 2, 0) < 1);
    const plain = rotated(volumeOf(size, spacing, ellipsoid), randomRotation(random));
    const stored = storedAs(plain, VOXEL_ORDERS[random.integer(VOXEL_ORDERS.length)]);
    for (const [name, recipe] of Object.entries(recipesFor(plain, 48))) {
      const mask = name === "sabs" || name === "mr" ? plain : stored;
      const network = applyToLabel(recipe, mask);
      const found = undo(Float32Array.from(network.data), mapOfRecipe(recipe, mask));
      let both = 0, sum = 0;
      for (const [i, value] of found.entries()) {
        both += Number(value > 0.5 && mask.data[i] === 1);
        sum += Number(value > 0.5) + mask.data[i];
      }
      assert.ok(2 * both / sum > 0.95, `${name}: Dice ${2 * both / sum}`);
    }
  }
});

Deno.test("undo() is 0 where the network did not look, and countOutside() counts it", () => {
  const scan = volumeOf([20, 20, 4], [1, 1, 3], () => 1);
  const recipe: Recipe = [{ step: "border", voxels: 3 }, { step: "square", side: 10 }];
  const map = mapOfRecipe(recipe, scan);
  const found = undo(new Float32Array(10 * 10 * 4).fill(1), map);
  assert.equal(found.filter((value) => value === 1).length, 400);
  assert.equal(countOutside(map.map, map), 1200);
  assert.equal(found[5 + 20 * 5], 1); // border 3, then the middle ten of fourteen
  assert.equal(found[4 + 20 * 5], 0);
});

Deno.test("a recipe of one slice fills the side by its longer edge, whatever its spacing", () => {
  const picture = volumeOf([30, 12, 1], [1, 1, 0.5], (x) => x);
  const { frame } = cohortOf(new Map([["first", picture]]), { side: 15 });
  const recipe = customRecipe({ intensity: { cutPercent: 0 }, frame, inPlaneMm: 9, sliceSpacingMm: 4, side: 15 });
  const { map, there } = mapOfRecipe(recipe, picture);
  assert.deepEqual([there, map.scale[0]], [[15, 15, 1], 0.5]);
});
