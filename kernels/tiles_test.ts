import assert from "node:assert/strict";
import { forbidSubgroups, forceKernelSet, keepTilesIn, openDevice, prewarm, subgroups } from "../src/gpu/mod.ts";
import { fromArray, Scope, type Shape, type Tensor, toArray } from "../src/tensor/mod.ts";
import { dataGradient } from "./convolution/data_gradient.ts";
import { forward } from "./convolution/forward.ts";
import { type ConvolutionOptions, geometryOf } from "./convolution/geometry.ts";
import { LARGE as GRADIENT_TILES, weightGradient } from "./convolution/weight_gradient.ts";
import { product } from "./matmul/matmul.ts";
import { LARGE } from "./matmul/tiles.ts";

function filled(shape: Shape, seed: number): Tensor {
  const size = shape.reduce((a, b) => a * b, 1);
  return fromArray(Float32Array.from({ length: size }, (_, i) => Math.sin(i * 1.37 + seed)), shape);
}

/** Products and convolutions of more than 10⁸ multiply-adds, ragged at every edge. */
const PRODUCTS: [name: string, a: Shape, b: Shape, transposeA: boolean, transposeB: boolean][] = [
  ["rows by rows", [1, 641, 648], [1, 260, 648], false, true],
  ["columns by columns", [3, 650, 342], [3, 650, 180], true, false],
  ["rows of no whole vec4s", [1, 641, 651], [1, 651, 260], false, false],
];

const CONVOLUTIONS: [name: string, x: Shape, weight: Shape, options: ConvolutionOptions][] = [
  ["strided and dilated 3×3", [1, 51, 53, 112], [156, 112, 3, 3], { padding: 2, dilation: 2, stride: 2 }],
  ["7×7 on a grey image", [1, 225, 221, 4], [64, 3, 7, 7], { padding: 3, stride: 2 }],
];

const CASES: [name: string, tiles: readonly (readonly number[])[], run: () => Tensor][] = [
  ...PRODUCTS.map(([name, a, b, transposeA, transposeB]): typeof CASES[number] => [
    `a product of ${name}`,
    LARGE,
    () => product(filled(a, 1), filled(b, 2), transposeA, transposeB),
  ]),
  ...CONVOLUTIONS.flatMap(([name, xShape, shape, options]): typeof CASES => {
    const tensors = () => {
      const x = filled(xShape, 1), weight = filled(shape, 2), geometry = geometryOf(x, weight, options);
      const gradY = filled([xShape[0], geometry.outHeight, geometry.outWidth, shape[0]], 3);
      return { x, weight, gradY, geometry };
    };
    const run = (pass: (of: ReturnType<typeof tensors>) => Tensor) => () => pass(tensors());
    return [
      [`${name}, forward`, LARGE, run(({ x, weight, geometry }) => forward(x, weight, undefined, geometry))],
      [`${name}, data gradient`, LARGE, run(({ gradY, weight, geometry }) => dataGradient(gradY, weight, geometry))],
      [
        `${name}, weight gradient`,
        GRADIENT_TILES,
        run(({ x, gradY, weight, geometry }) => weightGradient(x, gradY, weight, geometry)),
      ],
    ];
  }),
];

const bits = async (x: Tensor) => new Uint32Array((await toArray(x)).buffer);

Deno.test("every tile gives the bits of the kernels without subgroups; prewarm() measures which to take, and keeps it", async () => {
  await openDevice();
  if (subgroups() === undefined) return;
  forceKernelSet("llvmpipe");
  try {
    for (const [name, tiles, run] of CASES) {
      using _scope = new Scope();
      forbidSubgroups(true);
      const expected = await bits(run());
      forbidSubgroups(false);
      let measured: Readonly<Record<string, string>> = {};
      let known: Record<string, string> = {};
      const store = {
        load: () => Promise.resolve(known),
        clock: () => performance.now(),
        save: (_: string, now: Readonly<Record<string, string>>) => Promise.resolve(void (measured = now)),
      };
      keepTilesIn(store);
      await prewarm(run);
      const works = Object.keys(measured);
      if (works.length === 0) {
        assert.match(name, /7×7/); // its data gradient has too few channels for this kernel
        continue;
      }
      const constants = JSON.parse(measured[works[0]]);
      const [rows, columns, together] = Object.keys(constants);
      let count = 0;
      for (const tile of tiles) {
        const [r, c, t] = tile;
        const chosen = JSON.stringify({ ...constants, [rows]: r, [columns]: c, [together]: t });
        known = Object.fromEntries(works.map((work) => [work, chosen]));
        measured = {};
        keepTilesIn(store);
        await prewarm(run);
        if (Object.keys(measured).length > 0) continue; // no tile of this work: it was measured again
        count++;
        const found = await bits(run());
        assert.equal(found.findIndex((value, i) => value !== expected[i]), -1, `${name}, ${chosen}`);
      }
      assert.ok(count >= 2, `${name}: ${count} tiles`);
    }
  } finally {
    keepTilesIn(undefined);
    forbidSubgroups(false);
    forceKernelSet(undefined);
  }
});
