/**
 * Writes `convolution_llvmpipe.wgsl` and `weight_gradient_llvmpipe.wgsl`: tiles of accumulators in named variables, since
 * llvmpipe keeps function-local arrays in memory. `deno run -A kernels/convolution/generate.ts`; a test checks that the
 * files are what this program writes.
 */

const range = (n: number) => Array.from({ length: n }, (_, i) => i);

/** Pixels and output channels that a thread of the convolution computes. */
const PIXELS = 8, CHANNELS = 16;

/** The convolution kernel's text. */
export function convolutionText(): string {
  const lines: string[] = [];
  const say = (text: string) => lines.push(text);
  say(
    `// Written by generate.ts. y[p, o] = sum over taps and channels of x[source(p, tap), c] · w[o, tap, c], channels-last.
// A thread computes ${PIXELS} pixels × ${CHANNELS} output channels; the 8 threads of a workgroup are the lanes of one SIMD register and take
// neighbouring pixels. Both operands are read-only storage textures (24 cycles a load, a buffer's 700). A tap outside of
// the image reads some pixel inside of it and counts 0 times: a branch would cost more.
// The data gradient is the same sum with out and in exchanged: \`multiplier\`, \`offset\`, \`step\`, \`divisor\` place the taps.
struct Sizes {
  pixels: u32, width: u32, height: u32, // of the result, pixels = N · height · width
  sourceWidth: u32, sourceHeight: u32,
  groups: u32, // input channels / 4
  channels: u32, // of the result
  kernelWidth: u32, taps: u32,
  multiplier: i32, offset: i32, step: i32, divisor: i32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var x: texture_storage_2d<rgba32float, read>; // [N · sourceHeight · sourceWidth, groups] of vec4
@group(0) @binding(2) var weights: texture_storage_2d<rgba32float, read>; // [tiles, taps, groups, ${CHANNELS}] of vec4
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>; // [pixels, channels / 4]

fn load(i: u32) -> vec4f { return textureLoad(x, vec2u(i & 4095u, i >> 12u)); }
fn weight(i: u32) -> vec4f { return textureLoad(weights, vec2u(i & 4095u, i >> 12u)); }

// Position of a tap along one axis: the source coordinate, or -1.
fn place(position: u32, tap: u32, extent: u32) -> i32 {
  let scaled = i32(position) * sizes.multiplier + sizes.offset + i32(tap) * sizes.step;
  let source = scaled / sizes.divisor;
  return select(-1, source, scaled >= 0 && source * sizes.divisor == scaled && source < i32(extent));
}

@compute @workgroup_size(8)
fn convolution(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u) {
  let first = group.x * ${8 * PIXELS}u + local.x;
  let tile = group.y;`,
  );
  for (const p of range(PIXELS)) {
    say(`  let p${p} = min(first + ${8 * p}u, sizes.pixels - 1u);
  let column${p} = p${p} % sizes.width; let row${p} = (p${p} / sizes.width) % sizes.height;
  let image${p} = (p${p} / (sizes.width * sizes.height)) * sizes.sourceHeight;`);
  }
  for (const p of range(PIXELS)) say(`  ${range(CHANNELS).map((q) => `var a${p}_${q} = 0.0;`).join(" ")}`);
  say(`  for (var tap = 0u; tap < sizes.taps; tap++) {
    let kx = tap % sizes.kernelWidth; let ky = tap / sizes.kernelWidth;`);
  for (const p of range(PIXELS)) {
    say(`    let sx${p} = place(column${p}, kx, sizes.sourceWidth); let sy${p} = place(row${p}, ky, sizes.sourceHeight);
    let inside${p} = select(0.0, 1.0, sx${p} >= 0 && sy${p} >= 0);
    let base${p} = ((image${p} + u32(max(sy${p}, 0))) * sizes.sourceWidth + u32(max(sx${p}, 0))) * sizes.groups;`);
  }
  say(`    let weightBase = (tile * sizes.taps + tap) * sizes.groups * ${CHANNELS}u;
    for (var k = 0u; k < sizes.groups; k++) {`);
  for (const p of range(PIXELS)) say(`      let x${p} = load(base${p} + k) * inside${p};`);
  say(`      let wb = weightBase + k * ${CHANNELS}u;`);
  for (const q of range(CHANNELS)) {
    say(`      { let w = weight(wb + ${q}u);`);
    for (const p of range(PIXELS)) {
      const a = `a${p}_${q}`;
      say(`        ${a} = fma(x${p}.w, w.w, fma(x${p}.z, w.z, fma(x${p}.y, w.y, fma(x${p}.x, w.x, ${a}))));`);
    }
    say(`      }`);
  }
  say(`    }
  }
  let quarter = sizes.channels / 4u;`);
  for (const p of range(PIXELS)) {
    say(`  if (first + ${8 * p}u < sizes.pixels) {`);
    for (const q of range(CHANNELS / 4)) {
      const values = range(4).map((k) => `a${p}_${4 * q + k}`).join(", ");
      say(
        `    if (tile * ${CHANNELS / 4}u + ${q}u < quarter) { y[p${p} * quarter + tile * ${
          CHANNELS / 4
        }u + ${q}u] = vec4f(${values}); }`,
      );
    }
    say(`  }`);
  }
  say(`}`);
  return lines.join("\n") + "\n";
}

/** Output and input channels that a thread of the weight gradient computes. */
const OUT = 8, IN = 8;

/** The weight gradient kernel's text. */
export function weightGradientText(): string {
  const lines: string[] = [];
  const say = (text: string) => lines.push(text);
  say(
    `// Written by generate.ts. gradW[chunk, o, c, tap] = sum over the pixels p of that chunk of gradY[p, o] · x[source(p, tap), c].
// A thread computes ${OUT} output × ${IN} input channels of one tap over one chunk of pixels; chunks keep both cores busy where the
// weights are few, and are summed afterwards. Operands are read-only storage textures (24 cycles a load, a buffer's 700).
struct Sizes {
  pixels: u32, width: u32, height: u32, // of gradY, pixels = N · height · width
  sourceWidth: u32, sourceHeight: u32,
  outGroups: u32, inGroups: u32, // channels / 4
  outChannels: u32, inChannels: u32, // of the stored weights
  kernelWidth: u32, taps: u32,
  stride: i32, padding: i32, dilation: i32,
  length: u32, chunks: u32, // pixels of a chunk
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var x: texture_storage_2d<rgba32float, read>; // [N · sourceHeight · sourceWidth, inGroups] of vec4
@group(0) @binding(2) var gradY: texture_storage_2d<rgba32float, read>; // [pixels, outGroups] of vec4
@group(0) @binding(3) var<storage, read_write> gradW: array<f32>; // [chunks, outChannels, inChannels, taps]

fn loadX(i: u32) -> vec4f { return textureLoad(x, vec2u(i & 4095u, i >> 12u)); }
fn loadG(i: u32) -> vec4f { return textureLoad(gradY, vec2u(i & 4095u, i >> 12u)); }

@compute @workgroup_size(8)
fn weightGradient(@builtin(global_invocation_id) id: vec3u) {
  let inTiles = (sizes.inGroups + ${IN / 4 - 1}u) / ${IN / 4}u;
  let outTiles = (sizes.outGroups + ${OUT / 4 - 1}u) / ${OUT / 4}u;
  let t = id.y * (65535u * 8u) + id.x;
  if (t >= inTiles * outTiles * sizes.taps * sizes.chunks) { return; }
  let inTile = t % inTiles;
  let outTile = (t / inTiles) % outTiles;
  let tap = (t / (inTiles * outTiles)) % sizes.taps;
  let chunk = t / (inTiles * outTiles * sizes.taps);
  let kx = i32(tap % sizes.kernelWidth) * sizes.dilation - sizes.padding;
  let ky = i32(tap / sizes.kernelWidth) * sizes.dilation - sizes.padding;
  let first = chunk * sizes.length;
  let end = min(first + sizes.length, sizes.pixels);
  var column = first % sizes.width;
  var row = (first / sizes.width) % sizes.height;
  var image = first / (sizes.width * sizes.height);`,
  );
  for (const o of range(OUT)) say(`  ${range(IN / 4).map((c) => `var a${o}_${c} = vec4f(0.0);`).join(" ")}`);
  for (const c of range(IN / 4)) say(`  let cx${c} = min(inTile * ${IN / 4}u + ${c}u, sizes.inGroups - 1u);`);
  for (const o of range(OUT / 4)) say(`  let cg${o} = min(outTile * ${OUT / 4}u + ${o}u, sizes.outGroups - 1u);`);
  say(`  for (var p = first; p < end; p++) {
    let sx = i32(column) * sizes.stride + kx;
    let sy = i32(row) * sizes.stride + ky;
    let inside = sx >= 0 && sy >= 0 && sx < i32(sizes.sourceWidth) && sy < i32(sizes.sourceHeight);
    let counts = select(0.0, 1.0, inside);
    let source = select(0u, ((image * sizes.sourceHeight + u32(sy)) * sizes.sourceWidth + u32(sx)) * sizes.inGroups, inside);`);
  for (const c of range(IN / 4)) say(`    let x${c} = loadX(source + cx${c}) * counts;`);
  for (const o of range(OUT / 4)) say(`    let g${o} = loadG(p * sizes.outGroups + cg${o});`);
  for (const o of range(OUT)) {
    const g = `g${Math.floor(o / 4)}.${"xyzw"[o % 4]}`;
    for (const c of range(IN / 4)) say(`    a${o}_${c} = fma(vec4f(${g}), x${c}, a${o}_${c});`);
  }
  say(`    column++;
    if (column == sizes.width) { column = 0u; row++; }
    if (row == sizes.height) { row = 0u; image++; }
  }
  let base = chunk * sizes.outChannels * sizes.inChannels * sizes.taps + tap;`);
  for (const o of range(OUT)) {
    say(`  if (outTile * ${OUT}u + ${o}u < sizes.outChannels) {
    let at = base + (outTile * ${OUT}u + ${o}u) * sizes.inChannels * sizes.taps;`);
    for (const c of range(IN)) {
      say(
        `    if (inTile * ${IN}u + ${c}u < sizes.inChannels) { gradW[at + (inTile * ${IN}u + ${c}u) * sizes.taps] = a${o}_${
          Math.floor(c / 4)
        }.${"xyzw"[c % 4]}; }`,
      );
    }
    say(`  }`);
  }
  say(`}`);
  return lines.join("\n") + "\n";
}

if (import.meta.main) {
  await Deno.writeTextFile(new URL("convolution_llvmpipe.wgsl", import.meta.url), convolutionText());
  await Deno.writeTextFile(new URL("weight_gradient_llvmpipe.wgsl", import.meta.url), weightGradientText());
}
