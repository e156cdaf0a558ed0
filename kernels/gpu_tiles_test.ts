import assert from "node:assert/strict";
import { forceKernelSet, openDevice } from "../src/gpu/mod.ts";
import { fromArray, Scope, type Shape, type Tensor, toArray } from "../src/tensor/mod.ts";
import { dataGradient } from "./convolution/data_gradient.ts";
import { forward } from "./convolution/forward.ts";
import { type ConvolutionOptions, geometryOf } from "./convolution/geometry.ts";
import { weightGradient } from "./convolution/weight_gradient.ts";
import { forceGpuTile, GPU_TILES, gpuTiledWorks, isPermitted } from "./matmul/gpu_tiles.ts";
import { product } from "./matmul/matmul.ts";

function filled(shape: Shape, seed: number): Tensor {
  const size = shape.reduce((a, b) => a * b, 1);
  return fromArray(Float32Array.from({ length: size }, (_, i) => Math.sin(i * 1.37 + seed)), shape);
}

/** Both operands along the inner sum, across it and ragged; more than one of the largest tile, and odd at every edge. */
const PRODUCTS: [name: string, a: Shape, b: Shape, transposeA: boolean, transposeB: boolean, bias: boolean][] = [
  ["rows by rows, with a bias", [1, 131, 36], [1, 140, 36], false, true, true],
  ["columns by columns, in parts", [3, 666, 36], [3, 666, 20], true, false, false],
  ["no whole vec4s", [1, 17, 27], [1, 24, 27], false, true, false],
];

const CONVOLUTIONS: [name: string, x: Shape, weight: Shape, options: ConvolutionOptions][] = [
  ["strided and dilated 3×3", [1, 17, 15, 20], [132, 20, 3, 3], { padding: 2, dilation: 2, stride: 2 }],
  ["7×7 on a grey image", [1, 25, 21, 4], [16, 3, 7, 7], { padding: 3, stride: 2 }],
];

const CASES: [name: string, run: () => Tensor][] = [
  ...PRODUCTS.map(([name, a, b, transposeA, transposeB, bias]): typeof CASES[number] => [
    `a product of ${name}`,
    () => product(filled(a, 1), filled(b, 2), transposeA, transposeB, bias ? filled([b[1]], 3) : undefined),
  ]),
  ...CONVOLUTIONS.flatMap(([name, xShape, shape, options]): typeof CASES => {
    const x = () => filled(xShape, 1), weight = () => filled(shape, 2);
    const geometry = () => geometryOf(x(), weight(), options);
    const gradY = () => filled([xShape[0], geometry().outHeight, geometry().outWidth, shape[0]], 3);
    return [
      [`${name}, forward`, () => forward(x(), weight(), undefined, geometry())],
      [`${name}, data gradient`, () => dataGradient(gradY(), weight(), geometry())],
      [`${name}, weight gradient`, () => weightGradient(x(), gradY(), weight(), geometry())],
    ];
  }),
];

const bits = (values: Float32Array) => new Uint32Array(values.buffer);

Deno.test("every tile of the kernels for GPUs gives the same bits, and within rounding what llvmpipe's kernels give", async () => {
  const { device } = await openDevice();
  const tiles = GPU_TILES.filter((tile) => isPermitted(tile, device.limits));
  assert.ok(tiles.length >= 5);
  try {
    for (const [name, run] of CASES) {
      using _scope = new Scope();
      forceKernelSet("llvmpipe");
      const reference = await toArray(run()), largest = Math.max(...reference.map(Math.abs));
      forceKernelSet("gpu");
      let first: Uint32Array | undefined;
      for (const tile of tiles) {
        forceGpuTile(tile);
        const found = await toArray(run());
        first ??= bits(found);
        const worst = reference.reduce((most, value, i) => Math.max(most, Math.abs(value - found[i])), 0);
        assert.ok(worst <= 1e-5 * largest, `${name}, ${tile}: ${worst} of ${largest}`);
        assert.equal(bits(found).findIndex((value, i) => value !== first![i]), -1, `${name}, ${tile}`);
      }
    }
  } finally {
    forceGpuTile(undefined);
    forceKernelSet(undefined);
  }
});

Deno.test("gpuTiledWorks() takes 128 × 128 where that keeps a GPU busy, less where not, and several where measuring pays", async () => {
  await openDevice();
  const tiles = (rows: number, columns: number, batch: number, depth: number) =>
    gpuTiledWorks({ rows, columns, batch, depth }, () => ({ workgroups: [1] })).map(({ constants }) => [
      constants!.ROWS,
      constants!.COLUMNS,
      constants!.DEPTH,
    ]);
  assert.deepEqual(tiles(8450, 256, 1, 400), [[128, 128, 8]]);
  assert.deepEqual(tiles(1250, 256, 1, 64), [[32, 32, 16]]);
  assert.deepEqual(tiles(700, 256, 3, 64), [[64, 64, 16]]);
  const several = tiles(8450, 256, 1, 2304);
  assert.deepEqual(several[0], [128, 128, 8]);
  assert.ok(several.length > 3 && new Set(several.map(String)).size === several.length);
});

Deno.test("isPermitted() keeps to an adapter's workgroup memory and threads", () => {
  const least = { maxComputeWorkgroupStorageSize: 16_384, maxComputeInvocationsPerWorkgroup: 256 };
  assert.ok(isPermitted([128, 128, 8, 2, 2], least), "what WebGPU promises is enough for the large tile");
  assert.ok(!isPermitted([128, 128, 16, 2, 2], least));
  assert.ok(isPermitted([128, 128, 16, 2, 2], { ...least, maxComputeWorkgroupStorageSize: 32_768 }));
  assert.ok(!isPermitted([128, 128, 8, 2, 2], { ...least, maxComputeInvocationsPerWorkgroup: 128 }));
});
