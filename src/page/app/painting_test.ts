import assert from "node:assert/strict";
import type { ReadScan } from "../protocol.ts";
import { Painting } from "./painting.ts";
import { freeValue, newScan, restoreWork, useLabels, withStructures } from "./reading.ts";
import { countStructures, looksLikeLabels, maskOf, paintedSlices, type SessionScan, volumesTable } from "./scan.ts";
import { shotsOf } from "./shots.ts";

const AFFINE = [-1, 0, 0, 0, 0, -1, 0, 0, 0, 0, 3, 0, 0, 0, 0, 1];

function scan(): SessionScan {
  const volume = { data: new Int16Array(8 * 8 * 5), size: [8, 8, 5], spacing: [1, 1, 3], affine: AFFINE };
  const read = { name: "a", kind: "nifti", volume, paths: ["a.nii"], warnings: [] } as unknown as ReadScan;
  return newScan(read, [], 1);
}

const dot = [{ column: 3.5, row: 3.5 }, { column: 3.5, row: 3.5 }] as const;
const brush = (value: number) => ({ radiusMm: 1, pixelMm: [1, 1] as const, value });

Deno.test("Painting makes painted slices examples, corrections after the model, and undoes and redoes both", () => {
  const one = scan();
  let edits = 0;
  const painting = new Painting(() => edits++);
  const stroke = (slice: number, value: number) => {
    painting.begin(one, slice);
    painting.stroke(dot, brush(value));
    painting.end();
  };
  stroke(2, 1);
  assert.deepEqual([[...one.examples], paintedSlices(one), edits], [[2], [2], 1]);
  const counted = () => {
    const counts = new Map(one.counts);
    countStructures(one);
    assert.deepEqual(counts, one.counts, "counted stroke by stroke as at once");
  };
  counted();
  stroke(2, 1); // nothing changed
  assert.equal(edits, 1);
  stroke(2, 0);
  assert.deepEqual([[...one.examples], paintedSlices(one)], [[], []]);
  assert.deepEqual([painting.undo(), [...one.examples]], [{ scan: one, slice: 2 }, [2]]);
  one.result = { outside: 0, seconds: 1, slices: 5, model: "" };
  stroke(3, 2);
  assert.deepEqual([[...one.examples], [...one.corrected]], [[2], [3]]);
  counted();
  painting.clear(one, 2);
  counted();
  assert.deepEqual([[...one.examples], paintedSlices(one)], [[], [3]]);
  painting.undo();
  painting.undo();
  assert.deepEqual([[...one.examples], [...one.corrected], paintedSlices(one)], [[2], [], [2]]);
  painting.redo();
  assert.deepEqual([[...one.corrected], paintedSlices(one)], [[3], [2, 3]]);
  painting.forget(one);
  assert.ok(!painting.canUndo && !painting.canRedo);
});

Deno.test("shotsOf() makes every painted slice a shot, and all slices of a label file one", () => {
  const structures = withStructures([], [4, 9], [{ value: 9, name: "liver" }])!;
  assert.deepEqual(structures, [{ value: 1, saved: 4, name: "structure 4" }, { value: 2, saved: 9, name: "liver" }]);
  assert.equal(freeValue(structures), 3);
  const one = scan(), labels = new Int16Array(320);
  labels.fill(9, 64, 70);
  labels.fill(4, 128, 130);
  useLabels(one, labels, structures);
  const painting = new Painting(() => {});
  painting.begin(one, 4);
  painting.stroke(dot, brush(2));
  painting.end();
  one.examples.add(4);
  const { shots, classes } = shotsOf([one], structures);
  const slices = shots.map(({ label }) =>
    [0, 1, 2, 3, 4].filter((z) => label.data.subarray(64 * z, 64 * z + 64).some((v) => v))
  );
  assert.deepEqual([slices, classes.map(({ name }) => name)], [[[1, 2], [4]], ["structure 4", "liver"]]);
  assert.deepEqual([...new Set(maskOf(one, structures).data)], [0, 9, 4]);
  countStructures(one);
  assert.equal(
    volumesTable([{ ...one, name: 'a, "b"' }], structures),
    'case,label,name,voxels,millilitres\n"a, ""b""",4,structure 4,2,0.006\n"a, ""b""",9,liver,11,0.033\n',
  );
  const again = scan();
  restoreWork(again, { ...one, examples: [...one.examples], corrected: [], fileSlices: [...one.fileSlices] });
  assert.deepEqual(shotsOf([again], structures), { shots, classes });
});

Deno.test("looksLikeLabels() takes few whole numbers with background for labels, and no scan", () => {
  const { volume } = scan();
  const holds = (values: number[]) =>
    looksLikeLabels({ ...volume, data: Float32Array.from({ length: 320 }, (_, i) => values[i % values.length]) });
  assert.deepEqual([holds([0, 1]), holds([0, 3, 7]), holds([0.5, 0, 1]), holds([-1, 0]), holds([1, 2]), holds([0])], [
    true,
    true,
    false,
    false,
    false,
    false,
  ]);
  assert.ok(!looksLikeLabels({ ...volume, data: Int16Array.from({ length: 320 }, (_, i) => i % 100) }));
});
