import assert from "node:assert/strict";
import { Random } from "../random.ts";
import { randomRotation, rotated, storedAs, VOXEL_ORDERS } from "../testing/voxel_orders.ts";
import { CohortFault, cohortOf, type Frame, orientationInFrame } from "./cohort.ts";
import { relate } from "./geometry.ts";
import { applyToImage, applyToLabel } from "./recipe.ts";
import { customRecipe } from "./recipes.ts";
import { orient } from "./orient.ts";
import type { Triple, Volume } from "./volume.ts";

/** Noise with an organ in a corner, so that no two orders of its voxels look alike. */
function scan(size: Triple, spacing: Triple): { image: Volume; label: Volume } {
  const random = new Random("scan", size.join());
  const count = size[0] * size[1] * size[2];
  const affine = [-spacing[0], 0, 0, 40, 0, spacing[1], 0, -30, 0, 0, spacing[2], 5, 0, 0, 0, 1];
  const data = Float32Array.from({ length: count }, () => 100 * random.normal());
  const label = Uint8Array.from({ length: count }, (_, i) => {
    const [x, y, z] = [i % size[0], Math.floor(i / size[0]) % size[1], Math.floor(i / size[0] / size[1])];
    return x < size[0] / 2 && y < size[1] / 3 && z < size[2] / 2 ? 1 : y > size[1] - 3 ? 2 : 0;
  });
  return { image: { data, size, spacing, affine }, label: { data: label, size, spacing, affine } };
}

const SIDE = 16;

function normalized(
  { image, label }: { image: Volume; label: Volume },
  frame: Frame,
  inPlaneMm: number,
): { image: Volume; label: Volume } {
  const recipe = customRecipe({ intensity: { cutPercent: 0.5 }, frame, inPlaneMm, sliceSpacingMm: null, side: SIDE });
  // as `readRawLabel` does: the label is turned into the order of its image
  const relation = relate(image, label);
  const turned = relation.kind === "turned" ? orient(label, relation.orientation) : label;
  return { image: applyToImage(recipe, image, "image"), label: applyToLabel(recipe, turned) };
}

Deno.test("a cohort turned as a whole, its cases in any order of voxels, their labels in another: all become the first case", () => {
  const random = new Random("cohort");
  const shapes: [Triple, Triple][] = [[[9, 12, 7], [1.5, 1.25, 5]], [[8, 8, 8], [1, 1, 1]], [[10, 7, 9], [
    1,
    2.2,
    1.1,
  ]]];
  for (let round = 0; round < 200; round++) {
    const rotation = randomRotation(random);
    const [size, spacing] = shapes[round % shapes.length];
    const first = scan(size, spacing);
    const turned = { image: rotated(first.image, rotation), label: rotated(first.label, rotation) };
    const order = () => VOXEL_ORDERS[random.integer(VOXEL_ORDERS.length)];
    const copies = [0, 1, 2].map(() => ({
      image: storedAs(turned.image, order()),
      label: storedAs(turned.label, order()),
    }));
    const cases = [turned, ...copies];
    const grids = new Map(cases.map(({ image }, i) => [String(i), image]));
    const { frame, inPlaneMm, warnings } = cohortOf(grids, { side: SIDE });
    assert.deepEqual(warnings, []);
    const [expected, ...found] = cases.map((one) => normalized(one, frame, inPlaneMm));
    for (const { image, label } of found) {
      assert.deepEqual(image.size, expected.image.size);
      assert.ok(image.data.every((value, i) => Math.abs(value - expected.image.data[i]) < 1e-6), `round ${round}`);
      assert.deepEqual(label.data, expected.label.data);
      image.affine.forEach((value, i) => assert.ok(Math.abs(value - expected.image.affine[i]) < 1e-6));
    }
    assert.ok(expected.label.data.includes(1) && expected.label.data.includes(2));
  }
});

const grid = (size: Triple, spacing: Triple) => scan(size, spacing).image;

const cohort = (...cases: Volume[]) => new Map(cases.map((one, i) => [`case ${i + 1}`, one]));

Deno.test("cohortOf() cuts along the thick axis; a case without one follows, and without any it is head–foot", () => {
  const axis = (...cases: Volume[]) => cohortOf(cohort(...cases), { side: SIDE }).frame.order[2];
  assert.equal(axis(grid([9, 12, 7], [5, 1, 1])), 0);
  assert.equal(axis(grid([9, 12, 7], [1, 1, 1]), grid([9, 12, 7], [1, 4, 1])), 1);
  assert.equal(axis(grid([9, 12, 7], [1, 1.4, 1])), 2);
  // 1.5 times each other's is thick
  assert.equal(axis(grid([9, 12, 7], [1, 1.5, 1])), 1);
  // the second case, stored otherwise, is thick along the first one's y
  const order = VOXEL_ORDERS.find(({ axes }) => axes.join() === "1,2,0")!;
  assert.equal(axis(grid([9, 12, 7], [1, 1, 1]), storedAs(grid([9, 12, 7], [1, 4, 1]), order)), 1);
});

Deno.test("cohortOf() refuses slices that run differently, by case, with ways out that work", () => {
  const cases = cohort(grid([9, 12, 7], [1, 1, 4]), grid([9, 12, 7], [1, 1, 1]), grid([7, 12, 9], [4, 1, 1]));
  const refusal = (() => {
    try {
      cohortOf(cases, { side: SIDE });
    } catch (error) {
      return error;
    }
  })();
  assert.ok(refusal instanceof CohortFault);
  assert.match(refusal.message, /slices of "case 3" run left–right, those of "case 1" foot–head/);
  const ways = [...refusal.message.matchAll(/data\.sliceAxis=(\d) \(([^)]+)\)/g)].map(([, axis, name]) => [axis, name]);
  assert.deepEqual(ways, [["2", "foot–head"], ["0", "left–right"]]);
  for (const [chosen] of ways) {
    const { frame, warnings } = cohortOf(cases, { side: SIDE, sliceAxis: Number(chosen) as 0 | 2 });
    assert.equal(frame.order[2], Number(chosen));
    assert.match(warnings[0], /all are cut along the axis/);
    for (const one of cases.values()) assert.equal(orientationInFrame(one, frame).axes[2], Number(chosen));
  }
});

Deno.test("cohortOf() says who set the scale, and warns of a case of another one", () => {
  const normal = grid([10, 12, 7], [1, 1, 3]);
  const plain = cohortOf(cohort(normal, normal, grid([10, 14, 7], [1, 1, 3])), { side: 14 });
  assert.equal(plain.inPlaneMm, 1);
  assert.ok(
    plain.decisions.some((line) => /case "case 3" sets the scale: its 14 mm fill 14 voxels of 1 mm/.test(line)),
  );
  assert.deepEqual(plain.warnings, []);
  const large = cohortOf(cohort(normal, normal, grid([10, 12, 7], [10, 10, 30])), { side: 12 });
  assert.match(large.warnings[0], /case "case 3" is 120 mm wide, the median case 12 mm, which fills only 10 %/);
  assert.match(large.warnings[0], /--set data\.inPlaneMm=1$/);
  const small = cohortOf(cohort(normal, normal, grid([10, 12, 7], [0.1, 0.1, 0.3])), { side: 12 });
  assert.match(small.warnings[0], /case "case 3" is 1\.2 mm wide, the median case 12 mm: are its units right\?/);
});

Deno.test("cohortOf() takes cases of one slice as they lie, and warns of them among volumes", () => {
  const picture = grid([20, 10, 1], [1, 1, 1]), sagittal = grid([1, 30, 15], [4, 1, 1]);
  const flat = cohortOf(cohort(picture, sagittal), { side: 10 });
  assert.deepEqual([flat.single, flat.warnings], [["case 1", "case 2"], []]);
  for (const [one, count] of [[picture, 20], [sagittal, 30]] as const) {
    const options = { intensity: { cutPercent: 0 }, frame: flat.frame, inPlaneMm: 1, sliceSpacingMm: 9, side: 10 };
    const image = applyToImage(customRecipe(options), one, "image");
    assert.deepEqual(image.size, [10, 10, 1]);
    assert.ok(Math.abs(image.spacing[0] - count / 10) < 1e-9, "the longer edge fills the side");
  }
  const mixed = cohortOf(cohort(grid([9, 12, 7], [1, 1, 4]), picture), { side: 12 });
  assert.equal(mixed.inPlaneMm, 1);
  assert.match(mixed.warnings[0], /case "case 2" has one slice: each fills the square/);
});
