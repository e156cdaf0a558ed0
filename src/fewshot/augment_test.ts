import assert from "node:assert/strict";
import { openDevice } from "../gpu/mod.ts";
import { Random } from "../random.ts";
import { fromArray, Scope, toArrays } from "../tensor/mod.ts";
import type { Episode } from "../episode.ts";
import type { Tensor } from "../tensor/mod.ts";
import { augment } from "./augment.ts";
import { type AffineDraws, affineMatrix, drawAugmentation, inverseMatrix, type Side } from "./augmentation_draws.ts";

const HEIGHT = 33, WIDTH = 31, SHAPE = [HEIGHT, WIDTH];

const OPTIONS = { shift: 4, amplitude: 40, sigma: 2 };

const NAMES = ["supportImage", "supportMask", "queryImage", "queryMask"] as const;

type Slices = Record<typeof NAMES[number], Float64Array>;

/** Intensities far from 0, so that it shows what lies outside of a slice, and discs. */
function slices(): Slices {
  const random = new Random("slices");
  const each = (value: (i: number) => number) => Float64Array.from({ length: HEIGHT * WIDTH }, (_, i) => value(i));
  const image = () => each(() => Math.fround(5 + random.normal()));
  const mask = () => each((i) => Number(Math.hypot(i % WIDTH - 15, i / WIDTH - 16) < 9));
  return { supportImage: image(), supportMask: mask(), queryImage: image(), queryMask: mask() };
}

/** A value for every pixel, by its row and column. */
function perPixel(value: (row: number, column: number) => number): Float64Array {
  return Float64Array.from({ length: HEIGHT * WIDTH }, (_, i) => value(Math.floor(i / WIDTH), i % WIDTH));
}

/** Between four pixels; what `at` is asked for may lie outside. */
function between(at: (row: number, column: number) => number, row: number, column: number): number {
  const [r, c] = [Math.floor(row), Math.floor(column)];
  const along = (line: number) => at(line, c) + (column - c) * (at(line, c + 1) - at(line, c));
  return along(r) + (row - r) * (along(r + 1) - along(r));
}

/** The published intensity curve between the lowest and the highest value. */
function curve(x: Float64Array, exponent: number): Float64Array {
  const lowest = Math.min(...x), range = Math.max(...x) - lowest + 1e-5;
  return x.map((value) => range * ((value - lowest + 1e-5) / range) ** exponent + lowest);
}

/** The affine map, 0 outside, at source positions of whole 1/32 pixels. */
function warped(x: Float64Array, draws: AffineDraws): Float64Array {
  const [a, b, tx, c, d, ty] = inverseMatrix(affineMatrix(draws, HEIGHT, WIDTH));
  const at = (row: number, column: number) =>
    row >= 0 && row < HEIGHT && column >= 0 && column < WIDTH ? x[row * WIDTH + column] : 0;
  const place = (perColumn: number, perRow: number) =>
    Math.floor((Math.round(1024 * perColumn) + Math.round(1024 * perRow) + 16) / 32) / 32;
  return perPixel((row, column) => between(at, place(c * column, d * row + ty), place(a * column, b * row + tx)));
}

/** Noise of two keys (PCG), smoothed by a Gaussian along both axes, mirrored about the last pixels' centres. */
function field(keys: readonly [number, number]): Float64Array {
  const hash = (x: number) => {
    const state = (Math.imul(x, 747796405) + 2891336453) >>> 0;
    const word = Math.imul((state >>> ((state >>> 28) + 4)) ^ state, 277803737) >>> 0;
    return ((word >>> 22) ^ word) >>> 0;
  };
  const first = hash(hash(keys[0]) ^ keys[1]);
  const noise = perPixel((row, column) => (hash(first ^ (row * WIDTH + column)) >>> 8) / 2 ** 23 - 1);
  const { sigma, amplitude } = OPTIONS, radius = Math.floor((4 * sigma | 1) / 2);
  const taps = Array.from({ length: 2 * radius + 1 }, (_, k) => Math.exp(-((k - radius) ** 2) / (2 * sigma ** 2)));
  const total = taps.reduce((sum, tap) => sum + tap);
  const mirrored = (at: number, size: number) => at < 0 ? -at : at >= size ? 2 * (size - 1) - at : at;
  const smooth = (value: (k: number) => number) =>
    taps.reduce((sum, tap, k) => sum + tap * value(k - radius), 0) / total;
  const along = perPixel((row, column) => smooth((k) => noise[row * WIDTH + mirrored(column + k, WIDTH)]));
  return perPixel((row, column) => amplitude * smooth((k) => along[mirrored(row + k, HEIGHT) * WIDTH + column]));
}

/** A slice at displaced positions, mirrored outside with the edge pixel repeated. */
function displaced(x: Float64Array, dx: Float64Array, dy: Float64Array): Float64Array {
  const mirrored = (at: number, size: number) => at < 0 ? -1 - at : at >= size ? 2 * size - 1 - at : at;
  const at = (row: number, column: number) => x[mirrored(row, HEIGHT) * WIDTH + mirrored(column, WIDTH)];
  return perPixel((row, column) => {
    const i = row * WIDTH + column;
    return between(at, row + dy[i], column + dx[i]);
  });
}

for (const [bright, moved] of [["support", "query"], ["query", "support"], ["query", "query"]] as [Side, Side][]) {
  Deno.test(`augment() agrees with the plain loops: a curve on the ${bright}, then a move of the ${moved} with its mask`, async () => {
    await openDevice();
    using _scope = new Scope();
    const drawn = drawAugmentation(new Random("draws"), OPTIONS);
    const { gamma: { exponent }, geometry: { affine } } = drawn;
    const noiseKeys = [11, 7] as const;
    const draws = { gamma: { exponent, side: bright }, geometry: { affine, noiseKeys, side: moved } };
    const before = slices(), expected = slices();

    expected[`${bright}Image`] = curve(expected[`${bright}Image`], exponent);
    const [dx, dy] = [field(noiseKeys), field([11, 6])];
    assert.ok(Math.max(...dx, ...dy) > 3); // pixels: enough to see what is done first
    const move = (name: `${Side}Image` | `${Side}Mask`) =>
      expected[name] = displaced(warped(expected[name], affine), dx, dy);
    move(`${moved}Image`);
    const mask = move(`${moved}Mask`);

    const onGpu = Object.fromEntries(NAMES.map((name) => [name, fromArray(Float32Array.from(before[name]), SHAPE)]));
    const result = augment(onGpu as unknown as Episode<Tensor>, draws, OPTIONS);
    const found = await toArrays(NAMES.map((name) => result[name]));
    for (const [i, name] of NAMES.entries()) {
      const isMask = name === `${moved}Mask`, isTouched = name.startsWith(moved) || name === `${bright}Image`;
      for (const [at, value] of found[i].entries()) {
        // next to one half, float32 may round a mask either way
        if (isMask && Math.abs(mask[at] - 0.5) < 1e-3) assert.ok(value === 0 || value === 1);
        else if (isMask) assert.equal(value, Number(mask[at] > 0.5), `${name} ${at}`);
        else if (isTouched) assert.ok(Math.abs(value - expected[name][at]) < 2e-3, `${name} ${at}`);
        else assert.equal(value, before[name][at], `${name} ${at}`);
      }
    }
  });
}

Deno.test("augment() makes one half of a mask background", async () => {
  await openDevice();
  using _scope = new Scope();
  const affine = { rotate: 0, shiftX: 0.5, shiftY: 0, shear: 0, zoom: 1 };
  const columns = perPixel((_, column) => Number(column >= 10 && column < 20));
  const mask = () => fromArray(Float32Array.from(columns), SHAPE);
  const slices = { supportImage: mask(), supportMask: mask(), queryImage: mask(), queryMask: mask() };
  const geometry = { side: "query", affine, noiseKeys: [1, 2] } as const;
  const draws = { gamma: { side: "support", exponent: 1 }, geometry } as const;
  const { queryMask, queryImage } = augment(slices, draws, { ...OPTIONS, amplitude: 0 });
  const [found, soft] = await toArrays([queryMask, queryImage]);
  assert.deepEqual([...soft.subarray(9, 12)], [0, 0.5, 1]);
  assert.deepEqual([...found], [...perPixel((_, column) => Number(column >= 11 && column < 20))]);
});
