import assert from "node:assert/strict";
import fc from "fast-check";
import { resampledSize, resampleLabels, resampleLinear } from "./resample.ts";
import type { Triple, Volume, VoxelArray } from "./volume.ts";

const TYPES = [Uint8Array, Int16Array, Int32Array, Float32Array, Float64Array];

const cases = fc.record({
  size: fc.tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 5 })),
  Type: fc.constantFrom(...TYPES),
  spacing: fc.tuple(fc.constantFrom(0.7, 1), fc.constantFrom(0.9, 1), fc.constantFrom(1, 3)),
  newSpacing: fc.tuple(fc.constantFrom(0.5, 1, 1.3), fc.constantFrom(0.6, 1, 1.8), fc.constantFrom(1, 2, 3, 7.7)),
  values: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 210, maxLength: 210 }),
}).map(({ size, Type, spacing, newSpacing, values }) => ({
  volume: {
    data: new Type(values.slice(0, size[0] * size[1] * size[2])),
    size: size as Triple,
    spacing: spacing as Triple,
    affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
  },
  newSpacing: newSpacing as Triple,
}));

/** One sample after the other, along x, then y, then z (docs/reference/preprocessing.md, 3, steps 1 to 4). */
function plain({ size, spacing }: Volume, newSpacing: Triple, source: (index: number) => number): number[] {
  const out = resampledSize(size, spacing, newSpacing);
  const at = (axis: number, j: number) => {
    const position = j * (newSpacing[axis] / spacing[axis]), low = Math.floor(position);
    const isInside = position < size[axis] - 0.5;
    const clamp = (k: number) => Math.min(k, size[axis] - 1);
    return { low: clamp(low), high: clamp(low + 1), weight: position - low, isInside };
  };
  const mix = (a: number, b: number, weight: number) => a + (b - a) * weight;
  const result: number[] = [];
  for (let l = 0; l < out[2]; l++) {
    for (let k = 0; k < out[1]; k++) {
      for (let j = 0; j < out[0]; j++) {
        const [x, y, z] = [at(0, j), at(1, k), at(2, l)];
        const row = (v: number, w: number) => {
          const start = (w * size[1] + v) * size[0];
          return mix(source(start + x.low), source(start + x.high), x.weight);
        };
        const plane = (w: number) => mix(row(y.low, w), row(y.high, w), y.weight);
        const isInside = x.isInside && y.isInside && z.isInside;
        result.push(isInside ? mix(plane(z.low), plane(z.high), z.weight) : 0);
      }
    }
  }
  return result;
}

Deno.test("resampleLinear() agrees with the plain loop to the bit, whatever the type", () => {
  fc.assert(
    fc.property(cases, ({ volume, newSpacing }) => {
      const isReal = volume.data instanceof Float32Array || volume.data instanceof Float64Array;
      const expected = plain(volume, newSpacing, (i) => volume.data[i]).map((x) => isReal ? x : Math.trunc(x));
      const { data } = resampleLinear(volume, newSpacing);
      assert.deepEqual(data, new (volume.data.constructor as new (values: number[]) => VoxelArray)(expected));
    }),
    { numRuns: 200, seed: 1 },
  );
});

Deno.test("resampleLabels() gives a voxel the class above one half, and background where there is none", () => {
  let background = 0, total = 0;
  fc.assert(
    fc.property(cases, ({ volume, newSpacing }) => {
      const size = resampledSize(volume.size, volume.spacing, newSpacing);
      const expected = new Float32Array(size[0] * size[1] * size[2]);
      for (const label of [1, 2, 3, 4]) {
        plain(volume, newSpacing, (i) => Number(volume.data[i] === label)).forEach((share, i) => {
          if (Math.fround(share) > 0.5) expected[i] = label;
        });
      }
      background += expected.filter((label) => label === 0).length;
      total += expected.length;
      assert.deepEqual(resampleLabels(volume, newSpacing).data, expected);
    }),
    { numRuns: 200, seed: 2 },
  );
  assert.ok(background > 0.1 * total && background < 0.8 * total, `${background} of ${total} voxels are background`);
});
