import assert from "node:assert/strict";
import { Random } from "../random.ts";
import { randomRotation, rotated, storedAs, VOXEL_ORDERS } from "../testing/voxel_orders.ts";
import {
  anatomicalAxes,
  axisCodes,
  axisName,
  cornerDistance,
  direction,
  type Grid,
  GridFault,
  type GridFields,
  gridOf,
  matchAxes,
  placeOf,
  relate,
  turnGrid,
  wayName,
} from "./geometry.ts";
import { orient } from "./orient.ts";
import type { Triple, Volume } from "./volume.ts";

/** A header of a plain axial scan, stored LAS, with sform and qform. */
function fields(changes: Partial<GridFields> = {}): GridFields {
  return {
    size: [4, 5, 6],
    qfac: -1,
    pixdim: [1.5, 1.25, 5],
    units: 2,
    qformCode: 1,
    quaternion: [0, 1, 0], // a half turn about y: x and z run the other way, and qfac turns z back
    offset: [10, -20, 30],
    sformCode: 1,
    rows: [-1.5, 0, 0, 10, 0, 1.25, 0, -20, 0, 0, 5, 30],
    ...changes,
  };
}

const LAS = [-1.5, 0, 0, 10, 0, 1.25, 0, -20, 0, 0, 5, 30, 0, 0, 0, 1];

function near(found: readonly number[], expected: readonly number[], tolerance = 1e-5): void {
  found.forEach((value, i) => assert.ok(Math.abs(value - expected[i]) <= tolerance, `${found} instead of ${expected}`));
}

Deno.test("gridOf() takes the sform where its code is set, whatever the code of the qform", () => {
  assert.deepEqual(gridOf(fields()), { size: [4, 5, 6], spacing: [1.5, 1.25, 5], affine: LAS, warnings: [] });
  const { affine, warnings } = gridOf(fields({ qformCode: 2, quaternion: [0, 0, 0], qfac: 1 }));
  assert.deepEqual(affine, LAS);
  assert.equal(warnings.length, 1);
  assert.match(
    warnings[0],
    /^sform \(code 1, LAS, origin 10, -20, 30\) and qform \(code 2, RAS, origin 10, -20, 30\) place voxels up to 9 mm apart/,
  );
});

Deno.test("gridOf() takes the qform where there is no sform, or none that can be used, and says so", () => {
  near(gridOf(fields({ sformCode: 0, rows: new Array(12).fill(NaN) })).affine, LAS);
  const spoiled: [number[], RegExp][] = [
    [new Array(12).fill(0), /sform_code is 1, but .* have only 0 in column 1 and 2 and 3: the qform is used/],
    [[NaN, ...fields().rows.slice(1)], /hold values that are not finite: the qform is used/],
    [[...fields().rows.slice(0, 11), Infinity], /hold values that are not finite: the qform is used/],
    [[1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 5, 0], /cannot be inverted: the qform is used/],
  ];
  for (const [rows, message] of spoiled) {
    const { affine, warnings } = gridOf(fields({ rows }));
    near(affine, LAS);
    assert.match(warnings.join(), message);
  }
});

Deno.test("gridOf() reads a quaternion whose squares pass 1 by rounding, and none that is no rotation", () => {
  // about half of all half turns do so in float32
  const random = new Random("half turns");
  for (let i = 0; i < 200; i++) {
    const axis = [0, 1, 2].map(() => random.normal());
    const quaternion = axis.map((x) => Math.fround(x / Math.hypot(...axis))) as Triple;
    const { affine, spacing } = gridOf(fields({ sformCode: 0, quaternion, qfac: 1 }));
    assert.ok(affine.every(Number.isFinite));
    assert.deepEqual(spacing, [1.5, 1.25, 5]);
  }
  const { affine, warnings } = gridOf(fields({ sformCode: 0, quaternion: [1, 1, 0] }));
  assert.deepEqual(affine.slice(0, 3), [1.5, 0, 0]);
  assert.match(
    warnings[0],
    /qform_code is 1, but quatern_b, quatern_c and quatern_d hold values .*: pixdim alone is used/,
  );
});

Deno.test("gridOf() takes pixdim where there is nothing else, and refuses a field that leaves no grid by its name", () => {
  const bare = { sformCode: 0, qformCode: 0 };
  assert.deepEqual(gridOf(fields(bare)).affine, [1.5, 0, 0, 0, 0, 1.25, 0, 0, 0, 0, 5, 0, 0, 0, 0, 1]);
  for (const [axis, value] of [[0, 0], [1, NaN], [2, Infinity]] as const) {
    const pixdim: Triple = [1.5, 1.25, 5];
    pixdim[axis] = value;
    assert.throws(() => gridOf(fields({ ...bare, pixdim })), (error) => {
      return error instanceof GridFault && error.message.includes(`pixdim[${axis + 1}]`) &&
        error.message.endsWith(`found ${value}`);
    });
  }
  assert.deepEqual(gridOf(fields({ ...bare, pixdim: [1.5, -1.25, 5] })).spacing, [1.5, 1.25, 5]);
  assert.deepEqual(gridOf(fields({ ...bare, size: [4, 5, 1], pixdim: [1.5, 1.25, 0] })).spacing, [1.5, 1.25, 1]);
});

Deno.test("gridOf() gives a single slice without thickness a direction across its plane", () => {
  const rows = [-1.5, 0, 0, 10, 0, 1.25, 0, -20, 0, 0, 0, 30];
  const { affine, spacing, warnings } = gridOf(fields({ size: [4, 5, 1], pixdim: [1.5, 1.25, 0], rows, qformCode: 0 }));
  assert.deepEqual(spacing, [1.5, 1.25, 1]);
  assert.deepEqual([affine[2], affine[6], Math.abs(affine[10])], [0, 0, 1]);
  assert.deepEqual(warnings, []);
});

Deno.test("gridOf() brings metres and micrometres to mm, and takes an unknown unit for mm with a word", () => {
  const scaled = (factor: number) => ({
    pixdim: fields().pixdim.map((x) => Math.fround(x * factor)) as Triple,
    offset: fields().offset.map((x) => Math.fround(x * factor)) as Triple,
    rows: fields().rows.map((x) => Math.fround(x * factor)),
  });
  for (const [units, factor] of [[1, 1e-3], [2, 1], [3, 1e3], [0, 1], [1 + 8, 1e-3]]) {
    const { affine, spacing, warnings } = gridOf(fields({ ...scaled(factor), units }));
    near(affine, LAS);
    assert.deepEqual(spacing, [1.5, 1.25, 5]);
    assert.deepEqual(warnings, []);
  }
  assert.match(gridOf(fields({ units: 5 })).warnings[0], /xyzt_units 5 names no unit of length: taken for mm/);
});

Deno.test("gridOf() keeps the digits of pixdim where they agree with the columns, else takes the columns with both values said", () => {
  const off = (share: number) => fields().rows.map((x, i) => i % 4 === 0 ? x * (1 + share) : x);
  const little = gridOf(fields({ rows: off(0.0005), qformCode: 0 }));
  assert.deepEqual([little.spacing, little.warnings], [[1.5, 1.25, 5], []]);
  const much = gridOf(fields({ rows: off(0.02), qformCode: 0 }));
  near(much.spacing, [1.53, 1.25, 5]);
  assert.match(
    much.warnings[0],
    /pixdim says voxels of 1\.5 × 1\.25 × 5 mm, the sform of 1\.53 × 1\.25 × 5 mm, which is used/,
  );
});

Deno.test("gridOf() says that axes are not at right angles", () => {
  const rows = [...fields().rows];
  rows[2] = 2;
  const { warnings } = gridOf(fields({ rows, pixdim: [1.5, 1.25, Math.hypot(2, 5)], qformCode: 0 }));
  assert.match(warnings[0], /axes meet at 68\.199° instead of 90°/);
});

function box(size: Triple, spacing: Triple): Volume {
  const data = Float32Array.from({ length: size[0] * size[1] * size[2] }, (_, i) => (i * 7919) % 1009);
  const affine = [spacing[0], 0, 0, -7, 0, spacing[1], 0, 11, 0, 0, spacing[2], 3, 0, 0, 0, 1];
  return { data, size, spacing, affine };
}

Deno.test("matchAxes() undoes all 48 orders of voxels, under any rotation", () => {
  const random = new Random("orders");
  for (const order of VOXEL_ORDERS) {
    const first = rotated(box([3, 4, 5], [1, 1.5, 4]), randomRotation(random));
    const other = storedAs(first, order);
    const back = matchAxes(other.affine, [0, 1, 2].map((axis) => direction(first.affine, axis)));
    const again = orient(other, back);
    assert.deepEqual(again.data, first.data);
    near(again.affine, first.affine, 1e-9);
  }
});

Deno.test("matchAxes() never takes an axis twice, however oblique, and leaves a tie as it is stored", () => {
  const random = new Random("oblique");
  for (let i = 0; i < 300; i++) {
    const { axes } = matchAxes(rotated(box([2, 2, 2], [1, 1, 1]), randomRotation(random)).affine, [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ]);
    assert.deepEqual([...axes].sort(), [0, 1, 2]);
  }
  const half = Math.SQRT1_2;
  const diagonal = [half, -half, 0, 0, half, half, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
  assert.deepEqual(matchAxes(diagonal, [[1, 0, 0], [0, 1, 0], [0, 0, 1]]).axes, [0, 1, 2]);
  // the best assignment is not the largest component of each: the first two axes both lean to the right most
  const leaning = [0.8, 0.75, 0, 0, 0.6, -0.66, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
  assert.deepEqual(matchAxes(leaning, [[1, 0, 0], [0, 1, 0], [0, 0, 1]]), {
    axes: [0, 1, 2],
    flips: [false, true, false],
  });
});

Deno.test("axisCodes(), axisName() and wayName() say what axes are in a body", () => {
  assert.equal(axisCodes(LAS), "LAS");
  assert.equal(
    axisCodes(turnGrid({ size: [1, 1, 1], spacing: [1, 1, 1], affine: LAS }, VOXEL_ORDERS[23]).affine).length,
    3,
  );
  const psr = [0, 0, 1, 0, -1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1];
  assert.equal(axisCodes(psr), "PSR");
  assert.deepEqual(anatomicalAxes(psr).map(axisName), ["posterior–anterior", "foot–head", "left–right"]);
  assert.deepEqual(anatomicalAxes(psr).map(wayName), [
    "from anterior to posterior",
    "from foot to head",
    "from left to right",
  ]);
});

Deno.test("relate() knows the same grid, the same box in any other order, and elsewhere", () => {
  const random = new Random("relations");
  const first = rotated(box([3, 4, 5], [1, 1.5, 4]), randomRotation(random));
  assert.deepEqual(relate(first, first), { kind: "same" });
  for (const order of VOXEL_ORDERS.slice(1)) {
    const label = storedAs(first, order);
    const relation = relate(first, label);
    assert.equal(relation.kind, "turned");
    if (relation.kind === "turned") assert.deepEqual(orient(label, relation.orientation).data, first.data);
  }
  const moved = (mm: number): Grid => {
    const affine = [...first.affine];
    affine[3] += mm;
    return { ...first, affine };
  };
  assert.deepEqual(relate(first, moved(0.4)), { kind: "same" });
  const elsewhere = relate(first, moved(0.6));
  assert.equal(elsewhere.kind, "elsewhere");
  if (elsewhere.kind === "elsewhere") near([elsewhere.mm], [0.6], 1e-9);
  assert.deepEqual(relate(first, { ...first, size: [3, 4, 6] }), { kind: "unlike" });
  assert.deepEqual(relate(first, { ...storedAs(first, VOXEL_ORDERS[9]), affine: moved(30).affine }).kind, "unlike");
});

Deno.test("cornerDistance() is the largest of the eight corners", () => {
  const grid = box([3, 1, 1], [2, 2, 2]);
  const longer = { ...grid, affine: [3, ...grid.affine.slice(1)] };
  assert.equal(cornerDistance(grid, longer), 2);
  assert.deepEqual(placeOf(grid.affine, [2, 0, 0]), [-3, 11, 3]);
});
