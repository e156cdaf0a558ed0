import assert from "node:assert/strict";
import { heartCase } from "./phantom_heart.ts";

const OPTIONS = { size: 96, slices: 10, seed: 2023 };

Deno.test("heartCase() shows pool, wall and right ventricle, each at its intensity, and repeats itself by seed", () => {
  const { image, label } = heartCase(3, OPTIONS);
  assert.deepEqual(heartCase(3, OPTIONS).image.data, image.data);
  assert.notDeepEqual(heartCase(3, { ...OPTIONS, seed: 7 }).image.data, image.data);
  assert.notDeepEqual(heartCase(4, OPTIONS).image.data, image.data);
  assert.deepEqual([...new Set(label.data)].sort((a, b) => a - b), [0, 200, 500, 600]);
  const mean = (value: number) => {
    const values = [...image.data].filter((_, i) => label.data[i] === value);
    assert.ok(values.length > 200, `${value} has ${values.length} voxels`);
    return values.reduce((a, b) => a + b) / values.length;
  };
  const [wall, pool, right] = [200, 500, 600].map(mean);
  assert.ok(wall > 60 && wall < 140 && pool > 1.6 * wall && right > 1.6 * wall, `${wall} ${pool} ${right}`);
});

Deno.test("heartCase() closes the wall around the pool of the left ventricle", () => {
  const { label: { data, size: [nx, ny, nz] } } = heartCase(5, OPTIONS);
  let seen = 0;
  for (let z = 0; z < nz; z++) {
    for (let i = z * nx * ny; i < (z + 1) * nx * ny; i++) {
      if (data[i] !== 500) continue;
      seen++;
      for (const step of [-1, 1, -nx, nx]) assert.ok([200, 500].includes(data[i + step]));
    }
  }
  assert.ok(seen > 200);
});
