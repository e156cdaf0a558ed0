import assert from "node:assert/strict";
import { Random } from "../random.ts";
import { surfaceDistances } from "./surface_distance.ts";
import type { Triple } from "./volume.ts";

/** The definition word by word: every surface voxel against every other. */
function slow(a: Uint8Array, b: Uint8Array, { size: [nx, ny, nz], spacing }: { size: Triple; spacing: Triple }) {
  const surface = (mask: Uint8Array) => {
    const at = (x: number, y: number, z: number) =>
      x >= 0 && x < nx && y >= 0 && y < ny && z >= 0 && z < nz && mask[x + nx * (y + ny * z)] !== 0;
    const found: Triple[] = [];
    for (let z = 0; z < nz; z++) {
      for (let y = 0; y < ny; y++) {
        for (let x = 0; x < nx; x++) {
          const around = [[1, 0, 0], [0, 1, 0], [0, 0, 1]].flatMap(([i, j, k]) => [
            at(x + i, y + j, z + k),
            at(x - i, y - j, z - k),
          ]);
          if (at(x, y, z) && around.includes(false)) found.push([x * spacing[0], y * spacing[1], z * spacing[2]]);
        }
      }
    }
    return found;
  };
  const nearest = (from: Triple[], to: Triple[]) =>
    from.map(([x, y, z]) => Math.min(...to.map(([u, v, w]) => Math.hypot(x - u, y - v, z - w))));
  const surfaceA = surface(a), surfaceB = surface(b);
  const fromA = nearest(surfaceA, surfaceB), fromB = nearest(surfaceB, surfaceA);
  const mean = (list: number[]) => list.reduce((sum, value) => sum + value, 0) / list.length;
  const all = [...fromA, ...fromB].sort((p, q) => p - q);
  const position = 0.95 * (all.length - 1), base = Math.floor(position);
  const next = all[Math.min(base + 1, all.length - 1)];
  return {
    hd95Mm: all[base] + (position - base) * (next - all[base]),
    assdMm: (mean(fromA) + mean(fromB)) / 2,
  };
}

function ellipsoid([nx, ny, nz]: Triple, centre: Triple, radii: Triple): Uint8Array {
  return Uint8Array.from({ length: nx * ny * nz }, (_, i) => {
    const at = [i % nx, Math.floor(i / nx) % ny, Math.floor(i / (nx * ny))];
    return Number(at.reduce((sum, value, axis) => sum + ((value - centre[axis]) / radii[axis]) ** 2, 0) < 1);
  });
}

Deno.test("surfaceDistances() agrees with every pair of surface voxels, on unequal spacings and at the volume's border", () => {
  const grid = { size: [19, 14, 9] as Triple, spacing: [0.7, 1.3, 3.1] as Triple };
  const random = new Random("surfaces");
  const scattered = () => Uint8Array.from({ length: 19 * 14 * 9 }, () => Number(random.chance(0.03)));
  const cases: [Uint8Array, Uint8Array][] = [
    [ellipsoid(grid.size, [9, 7, 4], [6, 4, 3]), ellipsoid(grid.size, [11, 6, 5], [5, 5, 2])],
    [ellipsoid(grid.size, [0, 0, 0], [9, 9, 4]), ellipsoid(grid.size, [18, 13, 8], [5, 5, 2])],
    [ellipsoid(grid.size, [9, 7, 4], [40, 40, 40]), scattered()],
    [scattered(), scattered()],
  ];
  for (const [a, b] of cases) {
    const found = surfaceDistances(a, b, grid), expected = slow(a, b, grid);
    assert.ok(Math.abs(found.hd95Mm! - expected.hd95Mm) < 1e-9, `${found.hd95Mm}, expected ${expected.hd95Mm}`);
    assert.ok(Math.abs(found.assdMm! - expected.assdMm) < 1e-9, `${found.assdMm}, expected ${expected.assdMm}`);
    assert.deepEqual(surfaceDistances(b, a, grid), found);
  }
});

Deno.test("surfaceDistances() is 0 between equal masks, the shift between two voxels, and undefined for an empty mask", () => {
  const grid = { size: [5, 4, 3] as Triple, spacing: [1, 2, 7.7] as Triple };
  const voxel = (x: number, y: number, z: number) =>
    new Uint8Array(60).fill(1, x + 5 * (y + 4 * z), x + 5 * (y + 4 * z) + 1);
  assert.deepEqual(surfaceDistances(voxel(1, 1, 1), voxel(1, 1, 1), grid), { hd95Mm: 0, assdMm: 0 });
  assert.deepEqual(surfaceDistances(voxel(1, 1, 1), voxel(1, 1, 2), grid), { hd95Mm: 7.7, assdMm: 7.7 });
  assert.deepEqual(surfaceDistances(voxel(0, 0, 1), voxel(3, 2, 1), grid), { hd95Mm: 5, assdMm: 5 });
  const empty = new Uint8Array(60), undefinedDistances = { hd95Mm: null, assdMm: null };
  assert.deepEqual(surfaceDistances(voxel(1, 1, 1), empty, grid), undefinedDistances);
  assert.deepEqual(surfaceDistances(empty, voxel(1, 1, 1), grid), undefinedDistances);
});
