import assert from "node:assert/strict";
import { IGNORED } from "../../imaging/labelling.ts";
import type { Triple } from "../../imaging/volume.ts";
import { analyzeCase, analyzeMask, diceByPosition, fullestSlice, worstSlice } from "./case_analysis.ts";

const grid = { size: [2, 1, 4] as Triple, spacing: [1, 1, 1] as Triple, affine: [] };
const CLASSES = [{ name: "a", number: 3 }, { name: "b", number: 7 }, { name: "c", number: 9 }];

Deno.test("analyzeCase() counts by class and slice, passes ignored voxels over, and puts the classes together", async () => {
  const labels = Uint16Array.from([3, 0, 3, 3, 7, 7, 5, IGNORED]);
  const masks = [[1, 1, 0, 1, 1, 0, 0, 1], [0, 0, 0, 0, 1, 1, 0, 0]];
  const { counts, predicted, truth } = await analyzeCase(
    { grid, labels },
    CLASSES,
    (position) => Promise.resolve(masks[position]),
  );
  const plain = (numbers: Uint32Array) => [...numbers];
  assert.deepEqual(plain(counts[0]!.both), [1, 1, 0, 0]);
  assert.deepEqual(plain(counts[0]!.extra), [1, 0, 1, 0]);
  assert.deepEqual(plain(counts[0]!.missed), [0, 1, 0, 0]);
  assert.deepEqual([plain(counts[1]!.both), counts[2]], [[0, 0, 2, 0], undefined]);
  assert.deepEqual([...truth!], [1, 0, 1, 1, 2, 2, 0, 0]);
  assert.deepEqual([...predicted], [1, 1, 0, 1, 1, 2, 0, 1]);
});

Deno.test("analyzeMask() counts what is predicted by class and slice, of label values with gaps", () => {
  const { counts, predicted, truth } = analyzeMask({ grid, mask: Int16Array.from([0, -2, 500, 0, 500, 500, 1, 0]) }, [
    -2,
    7,
    500,
  ]);
  assert.deepEqual(counts.map((ofClass) => [...ofClass!.extra]), [[1, 0, 0, 0], [0, 0, 0, 0], [0, 1, 2, 0]]);
  assert.deepEqual([[...predicted], truth], [[0, 1, 3, 0, 3, 3, 0, 0], undefined]);
  assert.equal(worstSlice(counts, 4), 2);
});

Deno.test("worstSlice() is that of most errors, else of most voxels, else the middle", () => {
  const of = (both: number[], extra: number[], missed: number[]) => ({
    both: Uint32Array.from(both),
    extra: Uint32Array.from(extra),
    missed: Uint32Array.from(missed),
  });
  assert.equal(worstSlice([of([9, 0, 0], [0, 1, 0], [0, 0, 2]), undefined, of([0, 0, 0], [0, 2, 0], [0, 0, 0])], 3), 1);
  assert.equal(worstSlice([of([1, 5, 3], [0, 0, 0], [0, 0, 0])], 3), 1);
  assert.equal(worstSlice([undefined], 5), 2);
});

Deno.test("fullestSlice() truly shows most of a class, else is wrong most", () => {
  const of = (both: number[], extra: number[], missed: number[]) => ({
    both: Uint32Array.from(both),
    extra: Uint32Array.from(extra),
    missed: Uint32Array.from(missed),
  });
  assert.equal(fullestSlice(of([9, 4, 0], [0, 9, 99], [0, 6, 0])), 1);
  assert.equal(fullestSlice(of([0, 0, 0], [0, 1, 2], [0, 0, 0])), 2);
});

Deno.test("diceByPosition() runs from the first to the last slice that shows the class", () => {
  const counts = {
    both: Uint32Array.from([0, 2, 0, 1, 0]),
    extra: Uint32Array.from([5, 0, 0, 2, 4]),
    missed: Uint32Array.from([0, 0, 3, 0, 0]),
  };
  assert.deepEqual(diceByPosition(counts), [
    { position: 0, dice: 1 },
    { position: 0.5, dice: 0 },
    { position: 1, dice: 0.5 },
  ]);
});
