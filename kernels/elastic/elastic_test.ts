import assert from "node:assert/strict";
import { checkOperator } from "../../src/testing/check_operator.ts";
import { openDevice } from "../../src/gpu/mod.ts";
import { Scope, zeros } from "../../src/tensor/mod.ts";
import { displacement, elastic } from "./elastic.ts";

Deno.test("elastic() agrees with the plain loop, far outside too", () => {
  const [height, width] = [6, 5];
  const mirror = (at: number, n: number) => {
    const wrapped = ((at % (2 * n)) + 2 * n) % (2 * n);
    return Math.min(wrapped, 2 * n - 1 - wrapped);
  };
  return checkOperator({
    operator: ({ x, dx, dy }) => elastic(x, dx, dy),
    reference: ({ x, dx, dy }) =>
      x.map((_, i) => {
        const row = Math.floor(i / width) + dy[i], column = i % width + dx[i];
        const r = Math.floor(row), c = Math.floor(column), v = row - r, h = column - c;
        const at = (a: number, b: number) => x[mirror(a, height) * width + mirror(b, width)];
        return (1 - v) * ((1 - h) * at(r, c) + h * at(r, c + 1)) + v * ((1 - h) * at(r + 1, c) + h * at(r + 1, c + 1));
      }),
    shapes: { x: [height, width], dx: [height, width], dy: [height, width] },
    values: { dx: (random) => 4 * random.normal(), dy: (random) => 4 * random.normal() },
    constants: ["x", "dx", "dy"],
  });
});

Deno.test("displacement() keeps a constant field, mirrored at the borders, times the amplitude", () =>
  checkOperator({
    operator: ({ x }) => displacement(x, { amplitude: 3, sigma: 2 }),
    reference: ({ x }) => x.map((value) => 3 * value),
    shapes: { x: [7, 12] },
    values: { x: () => 0.25 },
    constants: ["x"],
  }));

Deno.test("elastic() rejects fields of another size", async () => {
  await openDevice();
  using _scope = new Scope();
  assert.throws(() => elastic(zeros([4, 4]), zeros([4, 3]), zeros([4, 4])), {
    message: "Cannot deform: expected dx [4, 4], found [4, 3]",
  });
  assert.throws(() => elastic(zeros([4, 4]), zeros([4, 4]), zeros([4, 3])), {
    message: "Cannot deform: expected dy [4, 4], found [4, 3]",
  });
});
