import assert from "node:assert/strict";
import { acquireBuffer, forceKernelSet, kernel, openDevice, readBack, releaseBuffer, upload } from "./mod.ts";
import { isWorthCopying } from "./kernel.ts";
import { Wgsl } from "./wgsl.ts";

const GATHER = `
override threads: u32 = 64;
struct Sizes { count: u32, factor: f32 } // of y
@group(0) @binding(5) var<uniform> sizes: Sizes;
@group(0) @binding(0) var<storage, read> order: array<u32>;
@group(0) @binding(1) var<storage, read> place: array<f32>;
@group(0) @binding(2) var<storage, read> table: array<vec4f>;
@group(0) @binding(3) var<storage, read> known: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<vec4f>;
@compute @workgroup_size(threads) fn gather(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= sizes.count) { return; }
  y[id.x] = table[u32(place[order[id.x]])] + place[id.x] * known[min(id.x, arrayLength(&known) - 1u)];
}`;

Deno.test("Wgsl reads bindings, the fields of uniform structs, and the size of a workgroup", () => {
  const { declarations } = new Wgsl(GATHER);
  assert.deepEqual(declarations.map(({ name, binding, kind }) => [name, binding, kind]), [
    ["sizes", 5, "uniform"],
    ["order", 0, "read"],
    ["place", 1, "read"],
    ["table", 2, "read"],
    ["known", 3, "read"],
    ["y", 4, "write"],
  ]);
  assert.deepEqual(declarations[0].fields, [{ name: "count", type: "u32" }, { name: "factor", type: "f32" }]);
  assert.equal(new Wgsl(GATHER).threadsPerWorkgroup({}), 64);
  assert.equal(new Wgsl(GATHER).threadsPerWorkgroup({ threads: 8 }), 8);
  assert.equal(new Wgsl("@compute @workgroup_size(8, 4u) fn f() {}").threadsPerWorkgroup({}), 32);
});

Deno.test("Wgsl.withConstants() gives overrides to the pipeline and writes consts into the text, and refuses others", () => {
  const wgsl = new Wgsl("override a: u32 = 1; const B: u32 = 2u; const C = 3;");
  assert.deepEqual(wgsl.withConstants({ a: 4, B: 5, C: 6 }), {
    code: "override a: u32 = 1; const B: u32 = 5; const C = 6;",
    overrides: { a: 4 },
  });
  assert.throws(() => wgsl.withConstants({ D: 1 }), /Cannot set a constant: expected a, B, C, found "D"/);
});

Deno.test("Wgsl.withConstants() unrolls the loops that say so, with bounds of constants, and no others", () => {
  const wgsl = new Wgsl(`const N: u32 = 2u;
const HALF: u32 = (N + 2u) / 2u;
for (var i = 0u; i < HALF * 2u - 1u; i++) { // unrolled
  for (var p = 0u; p < i; p++) { a[i] += b.i[p]; }
  for (var j = 0u; j < N / 2u; j++) { // unrolled
    c[i][j] = id;
  }
}`);
  const { code } = wgsl.withConstants({});
  const round = (i: number) =>
    `{\n  for (var p = 0u; p < ${i}u; p++) { a[${i}u] += b.i[p]; }\n  {\n    c[${i}u][0u] = id;\n  }\n\n}\n`;
  assert.equal(code.slice(code.indexOf("{")), [0, 1, 2].map(round).join("").slice(0));
  assert.equal(wgsl.withConstants({ N: 4 }).code.match(/= id/g)!.length, 5 * 2);
  const unknown = new Wgsl("override n: u32 = 2;\nfor (var i = 0u; i < n; i++) { // unrolled\n}");
  assert.throws(() => unknown.withConstants({}), /Cannot unroll a loop: expected a bound of constants, found "n"/);
});

Deno.test("Wgsl.withAlias() makes of a text for numbers one for vec4s, from textures too", () => {
  const wgsl = new Wgsl(`alias Element = f32;
@group(0) @binding(0) var<storage, read> x: array<Element>;
@group(0) @binding(1) var<storage, read_write> y: array<Element>;
fn f(i: u32) { y[i] = Element(0.0) + x[i]; }`);
  assert.deepEqual([...wgsl.fromTextures()!.textures], [["x", 1]]);
  const four = wgsl.withAlias("Element", "vec4f");
  assert.match(four.source, /^alias Element = vec4f;/);
  assert.deepEqual([...four.fromTextures()!.textures], [["x", 4]]);
  assert.throws(() => wgsl.withAlias("Number", "u32"), /expected an alias "Number", found none/);
});

Deno.test("Wgsl.withExpression() replaces a function's body, or fails", () => {
  const wgsl = new Wgsl("fn f(x: vec4f) -> vec4f {\n  return x;\n}");
  assert.equal(wgsl.withExpression("f", "x * x").source, "fn f(x: vec4f) -> vec4f {\n  return x * x;\n}");
  assert.throws(() => wgsl.withExpression("g", "x"), /Cannot rewrite a kernel: expected a function "g", found none/);
});

Deno.test("Wgsl.fromTextures() rewrites arrays of f32 and vec4f, nested loads too, unless their length is asked for", () => {
  const { wgsl, textures } = new Wgsl(GATHER).fromTextures()!;
  assert.deepEqual([...textures], [["place", 1], ["table", 4]]);
  assert.match(wgsl.source, /var place: texture_storage_2d<rgba32float, read>;/);
  assert.match(wgsl.source, /var<storage, read> order: array<u32>;/);
  assert.match(wgsl.source, /var<storage, read> known: array<f32>;/);
  assert.ok(wgsl.source.includes("tableAt(u32(u32(placeAt(u32(order[id.x])))))"), wgsl.source);
  assert.deepEqual([...new Wgsl(GATHER).fromTextures(["table"])!.textures], [["table", 4]]);
  assert.equal(new Wgsl(GATHER).fromTextures([]), undefined);
  assert.throws(() => new Wgsl(GATHER).fromTextures(["known"]), /Cannot read "known" from a texture/);
  const unused = "@group(0) @binding(0) var<storage, read> x: array<f32>;";
  assert.throws(() => new Wgsl(unused).fromTextures(), /Cannot read "x" from a texture: expected an index/);
});

/** An array on the GPU, freed at the end of the test. */
function onGpu(values: Uint32Array<ArrayBuffer> | Float32Array<ArrayBuffer>) {
  const view = { buffer: acquireBuffer(values.byteLength), byteOffset: 0, byteSize: values.byteLength };
  upload(view, new Uint8Array(values.buffer));
  return { ...view, [Symbol.dispose]: () => releaseBuffer(view.buffer) };
}

Deno.test("isWorthCopying() says yes for much work and no for little", async () => {
  await openDevice();
  using place = onGpu(new Float32Array(40_000));
  using table = onGpu(new Float32Array(160_000));
  using few = onGpu(new Float32Array(400));
  const { textures } = new Wgsl(GATHER).fromTextures()!;
  assert.equal(isWorthCopying({ place, table }, textures, 40_000), true);
  assert.equal(isWorthCopying({ place: few, table: few }, textures, 400), false);
});

Deno.test("a kernel gives the same bits from textures as from buffers, ragged ends and NaN included", async () => {
  await openDevice();
  // 70,001 numbers end within a texel, and their texels within a row of 4096
  const count = 70_001;
  using order = onGpu(Uint32Array.from({ length: count }, (_, i) => (i * 7919) % count));
  using place = onGpu(Float32Array.from({ length: count }, (_, i) => (i * 104729) % count));
  using table = onGpu(Float32Array.from({ length: 4 * count }, (_, i) => i === 17 ? NaN : Math.sin(i)));
  using known = onGpu(Float32Array.of(0.5, 0.25));
  const gather = kernel(GATHER, "gather");
  const results: Uint32Array[] = [];
  try {
    for (const set of ["gpu", "llvmpipe"] as const) { // from buffers, from textures
      forceKernelSet(set);
      using y = onGpu(new Float32Array(4 * count));
      const sizes = { count, factor: 1 };
      gather.dispatch({ sizes, order, place, table, known, y }, { threads: count });
      results.push(new Uint32Array((await readBack([y]))[0]));
    }
  } finally {
    forceKernelSet(undefined);
  }
  assert.equal(results[1].findIndex((bits, i) => bits !== results[0][i]), -1);
  assert.notEqual(results[0][0], results[0][4 * (count - 1)]);
});
