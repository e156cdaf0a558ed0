import assert from "node:assert/strict";
import {
  classNumbers,
  countClassVoxels,
  IGNORED,
  LabelFault,
  valuesOf,
  wholeLabel,
  withoutIgnored,
} from "./labelling.ts";
import type { Volume } from "./volume.ts";

const map = (data: Volume["data"]): Volume => ({
  data,
  size: [data.length, 1, 1],
  spacing: [1, 1, 1],
  affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
});

Deno.test("classNumbers() maps gaps, 0 and 255, and 200, 500, 600, and leaves class numbers as they are", () => {
  const numbers = (
    values: number[],
    ...data: number[]
  ) => [...classNumbers(map(Int16Array.from(data)), { values }).volume.data];
  assert.deepEqual(numbers([0, 255], 0, 255, 255, 0), [0, 1, 1, 0]);
  assert.deepEqual(numbers([0, 200, 500, 600], 600, 0, 200, 500), [3, 0, 1, 2]);
  assert.deepEqual(numbers([0, 1, 2, 4], 4, 2, 0), [3, 2, 0]);
  assert.deepEqual(numbers([0, -1, 7], -1, 7, 0), [1, 2, 0]);
  const same = map(Uint8Array.of(0, 1, 2));
  assert.equal(classNumbers(same, { values: [0, 1, 2] }).volume, same);
});

Deno.test("classNumbers() marks what nobody annotated, and no score counts it", () => {
  const { volume } = classNumbers(map(Uint8Array.of(0, 1, 9, 1)), { values: [0, 1], ignore: 9 });
  assert.deepEqual([...volume.data], [0, 1, IGNORED, 1]);
  const mask = Uint8Array.of(1, 0, 1, 1);
  assert.deepEqual([...withoutIgnored(mask, volume.data)], [1, 0, 0, 1]);
  assert.deepEqual([...mask], [1, 0, 1, 1]);
  const none = Uint8Array.of(1, 0, 0, 1);
  assert.equal(withoutIgnored(none, volume.data), none);
  assert.deepEqual(countClassVoxels(volume.data), new Map([[0, 1], [1, 2], [IGNORED, 1]]));
});

Deno.test("classNumbers() takes values within 1 % and 0.05 of a whole number for it, and says which", () => {
  const found = classNumbers(map(Float64Array.of(0, 0.999999999301508, 1.999999999301508)), { values: [0, 1, 2] });
  assert.deepEqual([...found.volume.data], [0, 1, 2]);
  assert.deepEqual(found.rounded, [0.999999999301508, 1.999999999301508]);
  const cases: [number, number | undefined][] = [
    ...[[1.0039, 1], [0.988, undefined], [1.976, undefined], [0.37, undefined], [254.96, 255], [254.9, undefined]],
    ...[[-1.004, -1], [1e-9, 0], [-1e-9, 0], [0.01, undefined], [3, 3]],
  ] as [number, number | undefined][];
  for (const [value, expected] of cases) assert.equal(wholeLabel(value), expected, String(value));
});

Deno.test("classNumbers() refuses other values, and says whether they are those of a soft mask", () => {
  const fault = (values: number[], ...data: number[]) => {
    try {
      classNumbers(map(Float32Array.from(data)), { values });
    } catch (error) {
      assert.ok(error instanceof LabelFault);
      return [error.found, error.isSoft];
    }
  };
  assert.deepEqual(fault([0, 1], 7, 0, 4, 7), [[4, 7], false]);
  assert.deepEqual(fault([0, 1], 0, 0.5, 1), [[0.5], true]);
  assert.equal(fault([0, 1], 0, 1), undefined);
});

Deno.test("valuesOf() gives up on a map of endless values", () => {
  assert.deepEqual([...valuesOf(map(Int32Array.of(5, 5, 3, 5)))], [5, 3]);
  assert.equal(valuesOf(map(Float32Array.from({ length: 100_000 }, (_, i) => i))).size, 5000);
});
