import assert from "node:assert/strict";
import fc from "fast-check";
import { EDGE_KINDS, edgeFactor, edgeSteps, GridEdges } from "./grid_edges.ts";
import { supervoxels } from "./supervoxels.ts";
import type { Triple, Volume } from "./volume.ts";

/** Small volumes: few grey levels make ties, fine steps make costs that the first pass joins, real numbers have none. */
const volumes: fc.Arbitrary<Volume> = fc.record({
  size: fc.tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 5 })),
  between: fc.constantFrom(0.5, 1, 3, 7.99),
  kind: fc.constantFrom("levels", "fine", "real"),
  seed: fc.array(fc.integer({ min: 0, max: 999 }), { minLength: 210, maxLength: 210 }),
}).map(({ size, between, kind, seed }) => {
  const values = seed.slice(0, size[0] * size[1] * size[2]);
  const value = {
    levels: (n: number) => n % 4,
    fine: (n: number) => n % 20,
    real: (n: number) => Math.sin(n * n),
  }[kind];
  const data = Float64Array.from(values, (n) => value!(n));
  // The ends of the range decide how fine a step of 1 is: 255 / 200000 is a third of the limits of the first pass.
  if (kind === "fine") data[0] = 200_000;
  return { data, size: size as Triple, spacing: [1, 1, between] as Triple, affine: [] };
}).filter(({ data }) => new Set(data).size > 1);

interface Edge {
  id: number;
  cost: number;
  a: number;
  b: number;
}

/** All edges, by cost, then kind, then raster order (docs/reference/preprocessing.md, 8, steps 2 and 3). */
function sortedEdges(values: ArrayLike<number>, { size: [nx, ny, nz], spacing }: Volume): Edge[] {
  const edges: Edge[] = [];
  for (const [kind, offset] of EDGE_KINDS.entries()) {
    for (let z = 0; z < nz; z++) {
      for (let y = 0; y < ny; y++) {
        for (let x = 0; x < nx; x++) {
          const [z2, y2, x2] = [z + offset[0], y + offset[1], x + offset[2]];
          if (z2 >= nz || y2 < 0 || y2 >= ny || x2 < 0 || x2 >= nx) continue;
          const a = (z * ny + y) * nx + x, b = (z2 * ny + y2) * nx + x2;
          const cost = edgeFactor(offset, spacing[2] / spacing[0]) * Math.abs(values[b] - values[a]);
          edges.push({ id: a << 4 | kind, cost, a, b });
        }
      }
    }
  }
  return edges.sort((e, f) => e.cost - f.cost); // stable
}

const scale = ({ data }: Volume) => {
  const lowest = Math.min(...data), highest = Math.max(...data);
  return Float64Array.from(data, (x) => 255 * (x - lowest) / (highest - lowest));
};

/**
 * Both passes as the reference tells them, one edge after the other (docs/reference/preprocessing.md, 8, steps 4 to 6).
 */
function plainSegments(volume: Volume, minVoxels: number): number[] {
  const edges = sortedEdges(scale(volume), volume);
  let region = Array.from(volume.data, (_, i) => i);
  const inner = new Map<number, number>();
  const size = (r: number) => region.filter((one) => one === r).length;
  const limit = (r: number) => Math.fround((inner.get(r) ?? 0) + 1 / 255 / size(r));
  const join = (a: number, b: number) => region = region.map((r) => r === Math.max(a, b) ? Math.min(a, b) : r);
  for (const { cost, a, b } of edges) {
    const [r, s] = [region[a], region[b]];
    if (r === s || cost >= Math.min(limit(r), limit(s))) continue;
    join(r, s);
    inner.set(Math.min(r, s), cost);
  }
  for (const { a, b } of edges) {
    const [r, s] = [region[a], region[b]];
    if (r !== s && (size(r) < minVoxels || size(s) < minVoxels)) join(r, s);
  }
  const roots = [...new Set(region)].sort((r, s) => r - s);
  return region.map((r) => roots.indexOf(r));
}

Deno.test("supervoxels() agrees with the plain loop, ties included, however few edges are sorted together", () => {
  const sizes = fc.record({ minVoxels: fc.constantFrom(1, 1, 2, 5, 12), bandEdges: fc.integer({ min: 1, max: 300 }) });
  let regions = 0;
  fc.assert(
    fc.property(volumes, sizes, (volume, { minVoxels, bandEdges }) => {
      const expected = plainSegments(volume, minVoxels);
      regions += new Set(expected).size;
      assert.deepEqual([...supervoxels(volume, { minVoxels, bandEdges }, "x").segments], expected);
      assert.deepEqual([...supervoxels(volume, { minVoxels }, "x").segments], expected);
    }),
    { numRuns: 150, seed: 1 },
  );
  assert.ok(regions > 1500, `only ${regions} regions: the volumes prove little`);
});

/** Segments of a row of voxels whose neighbours differ by `differences`; the last voxel makes the range 255. */
function rowSegments(differences: readonly number[]): number[] {
  const data = new Float64Array(differences.length + 2);
  for (const [i, difference] of differences.entries()) data[i + 1] = data[i] + difference;
  data[differences.length + 1] = 255;
  const row: Volume = { data, size: [data.length, 1, 1], spacing: [1, 1, 1], affine: [] };
  return [...supervoxels(row, { minVoxels: 1 }, "x").segments];
}

Deno.test("supervoxels() joins up to the highest cost that the first pass can reach", () => {
  // Halves of 1, 2 and 4 voxels may differ by k, k + k/2 and k + k/2 + k/4.
  const [one, two, four] = [1, 1.5, 1.75].map((share) => 0.999 * share / 255);
  assert.deepEqual(rowSegments([one, two, one, four, one, two, one]), [0, 0, 0, 0, 0, 0, 0, 0, 1]);
  assert.deepEqual(rowSegments([one, two, one, four + 1e-5, one, two, one]), [0, 0, 0, 0, 1, 1, 1, 1, 2]);
});

Deno.test("supervoxels() compares costs in float64 with a limit in float32", () => {
  const exact = 1 / 255, rounded = Math.fround(exact);
  const between = (exact + rounded) / 2;
  assert.deepEqual(rowSegments([between]), rounded > exact ? [0, 0, 1] : [0, 1, 2]);
});

Deno.test("GridEdges.visit() visits every edge between regions once, in ascending order, and none above the limit", () => {
  fc.assert(
    fc.property(volumes, fc.integer({ min: 1, max: 100 }), fc.double({ min: 0, max: 400 }), (volume, band, below) => {
      const values = scale(volume);
      const found: number[] = [];
      new GridEdges(values, volume, band).visit({
        below,
        regions: (into) => into.forEach((_, i) => into[i] = i < 6 ? 0 : i % 4 === 1 ? ~i : i),
        edges: (ids, costs, count) => {
          for (let k = 0; k < count; k++) {
            found.push(ids[k]);
            const i = ids[k] >>> 4, j = i + edgeSteps(volume.size)[ids[k] & 15];
            const cost = edgeFactor(EDGE_KINDS[ids[k] & 15], volume.spacing[2]) * Math.abs(values[j] - values[i]);
            assert.equal(costs[k], cost);
          }
        },
      });
      const isLeft = (a: number, b: number) => !(a < 6 && b < 6) && !(a > 5 && b > 5 && a % 4 === 1 && b % 4 === 1);
      const expected = sortedEdges(values, volume).filter(({ cost, a, b }) => cost > 0 && cost < below && isLeft(a, b));
      assert.deepEqual(found, expected.map(({ id }) => id));
    }),
    { numRuns: 200, seed: 2 },
  );
});

Deno.test("supervoxels() keeps the largest region of a slice, fills its holes, and numbers region 0 last", () => {
  const picture = [
    "##...#.#",
    "##..#.#.", // the chain on the right hangs together by corners: 6 pixels, the square has 4
    "....#...",
    "....#...",
    "..#.....", /* alone */
  ];
  const data = Float64Array.from(picture.join(""), (pixel) => pixel === "#" ? 255 : 0);
  const volume: Volume = { data, size: [8, 5, 1], spacing: [1, 1, 1], affine: [] };
  const { foreground, labels, segments } = supervoxels(volume, { minVoxels: 1 }, "x");
  assert.deepEqual(
    [...foreground].map((inside) => inside ? "#" : ".").join("").match(/.{8}/g),
    [".....#.#", "....#.#.", "....#...", "....#...", "........"],
  );
  assert.equal(segments[5], 2);
  assert.equal(labels[5], 2);
  const ring = Float64Array.from("####" + "#..#" + "##.#" + "####", (pixel) => pixel === "#" ? 255 : 0);
  const steps = supervoxels({ data: ring, size: [4, 4, 1], spacing: [1, 1, 1], affine: [] }, { minVoxels: 1 }, "x");
  assert.deepEqual([...steps.foreground], new Array(16).fill(1));
  assert.deepEqual([...steps.labels].slice(0, 7), [2, 2, 2, 2, 2, 1, 1]);
});

Deno.test("supervoxels() refuses a constant image by name", () => {
  const constant: Volume = { data: new Float64Array(8), size: [2, 2, 2], spacing: [1, 1, 1], affine: [] };
  assert.throws(() => supervoxels(constant, { minVoxels: 1 }, "image_7.nii.gz"), /"image_7\.nii\.gz": expected/);
});
