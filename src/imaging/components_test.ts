import assert from "node:assert/strict";
import { Random } from "../random.ts";
import { keepLargestComponents } from "./components.ts";
import type { Triple } from "./volume.ts";

/** The same by filling from every voxel in turn. */
function byFilling(data: Uint8Array, [nx, ny, nz]: Triple): Uint8Array {
  const component = new Int32Array(data.length).fill(-1);
  const sizes: number[] = [];
  for (let start = 0; start < data.length; start++) {
    if (data[start] === 0 || component[start] >= 0) continue;
    const stack = [start], number = sizes.push(0) - 1;
    component[start] = number;
    while (stack.length > 0) {
      const i = stack.pop()!;
      sizes[number]++;
      const x = i % nx, y = Math.floor(i / nx) % ny, z = Math.floor(i / (nx * ny));
      for (const [dx, dy, dz] of [[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]]) {
        const [a, b, c] = [x + dx, y + dy, z + dz];
        if (a < 0 || b < 0 || c < 0 || a >= nx || b >= ny || c >= nz) continue;
        const j = a + nx * (b + ny * c);
        if (data[j] !== data[i] || component[j] >= 0) continue;
        component[j] = number;
        stack.push(j);
      }
    }
  }
  const largest = new Map<number, number>();
  for (const [i, value] of data.entries()) {
    if (value === 0) continue;
    const known = largest.get(value);
    if (known === undefined || sizes[component[i]] > sizes[known]) largest.set(value, component[i]);
  }
  return data.map((value, i) => component[i] === largest.get(value) ? value : 0);
}

Deno.test("keepLargestComponents() leaves the largest of every value, whatever their shape", () => {
  const random = new Random("components");
  for (let round = 0; round < 60; round++) {
    const size: Triple = [1 + random.integer(9), 1 + random.integer(9), 1 + random.integer(6)];
    const share = random.uniform(0.2, 0.9), values = 1 + random.integer(3);
    const data = Uint8Array.from({ length: size[0] * size[1] * size[2] }, () => {
      return random.uniform(0, 1) < share ? 1 + random.integer(values) : 0;
    });
    const expected = byFilling(data, size);
    keepLargestComponents(data, size);
    assert.deepEqual(data, expected, `round ${round}, ${size}`);
  }
});
