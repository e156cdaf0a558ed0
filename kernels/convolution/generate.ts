/**
 * Writes `convolution_llvmpipe.wgsl` and `weight_gradient_llvmpipe.wgsl`: tiles of accumulators in named variables, since
 * llvmpipe keeps function-local arrays in memory. `deno run -A kernels/convolution/generate.ts`; a test checks that the
 * files are what this program writes.
 */

const range = (n: number) => Array.from({ length: n }, (_, i) => i);

/** Pixels and output channels that a thread of the convolution computes. */
const PIXELS = 8, CHANNELS = 16;

/** Integer division on SIMD lanes goes lane by lane, 200 cycles; by floats it costs 10. */
const DIVIDE = `fn divide(a: u32, b: u32) -> u32 {
  let q = u32(f32(a) / f32(b));
  let rest = i32(a - q * b); // rounding leaves q at most one off
  return select(select(q, q + 1u, rest >= i32(b)), q - 1u, rest < 0);
}`;

/** The convolution kernel's text. */
export function convolutionText(): string {
  const lines: string[] = [];
  const say = (text: string) => lines.push(text);
  say(
    `// Written by generate.ts. y[p, o] = bias[o] + sum over taps and channels of x[source(p, tap), c] · w[o, tap, c], channels-last.
// A thread computes ${PIXELS} pixels × ${CHANNELS} output channels; the 8 threads of a workgroup are the lanes of one SIMD register and take
// neighbouring pixels. Both operands are read-only storage textures (24 cycles a load, a buffer's 700). A tap outside of
// the image reads some pixel inside of it and counts 0 times: a branch would cost more.
// The data gradient is the same sum with out and in exchanged. Where the convolution has a stride, the pixels of the result
// fall into stride² phases by their remainders: within a phase a tap meets all pixels or none. llvmpipe hands each core one
// contiguous part of the workgroups, so the phases, whose work differs, come first and the blocks of pixels last.
struct Sizes {
  width: u32, height: u32, // of the result
  phaseWidth: u32, phaseHeight: u32, phases: u32, // of one phase of it, number of phases along an axis
  pixels: u32, // of a phase, N · phaseHeight · phaseWidth
  sourceWidth: u32, sourceHeight: u32,
  groups: u32, // input channels / 4
  channels: u32, // of the result
  kernelWidth: u32, taps: u32,
  multiplier: i32, offset: i32, step: i32, // source = (position · multiplier + offset + tap · step) / phases
  tileStride: u32, tapStride: u32, groupStride: u32, rowStride: u32, // of the weights in vec4s
  biased: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var x: texture_storage_2d<rgba32float, read>; // [N · sourceHeight · sourceWidth, groups] of vec4
@group(0) @binding(2) var weights: texture_storage_2d<rgba32float, read>; // [tiles, taps, groups, ${CHANNELS}], or as the strides say
@group(0) @binding(3) var bias: texture_storage_2d<rgba32float, read>; // [channels / 4], not looked at unless biased
@group(0) @binding(4) var<storage, read_write> y: array<vec4f>; // [pixels, channels / 4]

fn load(i: u32) -> vec4f { return textureLoad(x, vec2u(i & 4095u, i >> 12u)); }
fn weight(i: u32) -> vec4f { return textureLoad(weights, vec2u(i & 4095u, i >> 12u)); }
fn initial(i: u32) -> vec4f { return select(vec4f(0.0), textureLoad(bias, vec2u(i & 4095u, i >> 12u)), sizes.biased == 1u); }

${DIVIDE}

@compute @workgroup_size(8)
fn convolution(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u) {
  let tile = group.y; // before the pixels, so that those stay in the cache
  let first = group.z * ${8 * PIXELS}u + local.x;
  let phaseY = divide(group.x, sizes.phases);
  let phaseX = group.x - phaseY * sizes.phases;`,
  );
  for (const p of range(PIXELS)) {
    say(`  let i${p} = min(first + ${8 * p}u, sizes.pixels - 1u);
  let line${p} = divide(i${p}, sizes.phaseWidth); let image${p} = divide(line${p}, sizes.phaseHeight);
  let column${p} = i32(i${p} - line${p} * sizes.phaseWidth); let row${p} = i32(line${p} - image${p} * sizes.phaseHeight);`);
  }
  for (const q of range(CHANNELS / 4)) say(`  let bias${q} = initial(tile * ${CHANNELS / 4}u + ${q}u);`);
  for (const p of range(PIXELS)) {
    say(`  ${range(CHANNELS).map((q) => `var a${p}_${q} = bias${q >> 2}.${"xyzw"[q & 3]};`).join(" ")}`);
  }
  say(`  var kx = 0u; var ky = 0u;
  for (var tap = 0u; tap < sizes.taps; tap++) {
    let shiftX = i32(phaseX) + sizes.offset + i32(kx) * sizes.step;
    let shiftY = i32(phaseY) + sizes.offset + i32(ky) * sizes.step;
    let tapX = i32(floor((f32(shiftX) + 0.5) / f32(sizes.phases))); let tapY = i32(floor((f32(shiftY) + 0.5) / f32(sizes.phases)));
    // A loop of no rounds skips the tap; llvmpipe computes both sides of an if.
    let meets = tapX * i32(sizes.phases) == shiftX && tapY * i32(sizes.phases) == shiftY;
    let end = select(0u, sizes.groups, meets);`);
  for (const p of range(PIXELS)) {
    say(`    let sx${p} = column${p} * sizes.multiplier + tapX; let sy${p} = row${p} * sizes.multiplier + tapY;
    let in${p} = sx${p} >= 0 && sy${p} >= 0 && sx${p} < i32(sizes.sourceWidth) && sy${p} < i32(sizes.sourceHeight);
    let counts${p} = select(0.0, 1.0, in${p});
    let at${p} = select(0u, ((image${p} * sizes.sourceHeight + u32(sy${p})) * sizes.sourceWidth + u32(sx${p})) * sizes.groups, in${p});`);
  }
  say(`    let weightBase = tile * sizes.tileStride + tap * sizes.tapStride;
    for (var k = 0u; k < end; k++) {`);
  for (const p of range(PIXELS)) say(`      let x${p} = load(at${p} + k) * counts${p};`);
  say(`      let wb = weightBase + k * sizes.groupStride;`);
  for (const q of range(CHANNELS)) {
    say(`      { let w = weight(wb + ${q}u * sizes.rowStride);`);
    for (const p of range(PIXELS)) {
      const a = `a${p}_${q}`;
      say(`        ${a} = fma(x${p}.w, w.w, fma(x${p}.z, w.z, fma(x${p}.y, w.y, fma(x${p}.x, w.x, ${a}))));`);
    }
    say(`      }`);
  }
  say(`    }
    kx++;
    if (kx == sizes.kernelWidth) { kx = 0u; ky++; }
  }
  let quarter = sizes.channels / 4u;`);
  for (const p of range(PIXELS)) {
    say(`  {
    let column = u32(column${p}) * sizes.phases + phaseX; let row = u32(row${p}) * sizes.phases + phaseY;
    let at = ((image${p} * sizes.height + row) * sizes.width + column) * quarter + tile * ${CHANNELS / 4}u;
    if (first + ${8 * p}u < sizes.pixels && column < sizes.width && row < sizes.height) {`);
    for (const q of range(CHANNELS / 4)) {
      const values = range(4).map((k) => `a${p}_${4 * q + k}`).join(", ");
      say(`      if (tile * ${CHANNELS / 4}u + ${q}u < quarter) { y[at + ${q}u] = vec4f(${values}); }`);
    }
    say(`    }
  }`);
  }
  say(`}`);
  return lines.join("\n") + "\n";
}

/** Output and input channels that a thread of the weight gradient computes, and pixels that it takes at a time. */
const OUT = 16, IN = 8, TOGETHER = 4;

/** The weight gradient kernel's text. */
export function weightGradientText(): string {
  const lines: string[] = [];
  const say = (text: string) => lines.push(text);
  say(
    `// Written by generate.ts. partials[chunk, tap, o, c] = sum over the pixels p of that chunk of gradY[p, o] · x[source(p, tap), c].
// A thread computes ${OUT} output × ${IN} input channels of one tap over one chunk of pixels, ${TOGETHER} pixels at a time: the results
// do not fit the registers, so each is fetched and put back once for ${TOGETHER} multiply-adds. Chunks keep both cores busy where the
// weights are few, and are summed afterwards. Operands are read-only storage textures (24 cycles a load, a buffer's 700).
struct Sizes {
  pixels: u32, width: u32, height: u32, // of gradY, pixels = N · height · width
  sourceWidth: u32, sourceHeight: u32,
  outGroups: u32, inGroups: u32, // channels / 4
  kernelWidth: u32, taps: u32,
  stride: i32, padding: i32, dilation: i32,
  length: u32, chunks: u32, // pixels of a chunk
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var x: texture_storage_2d<rgba32float, read>; // [N · sourceHeight · sourceWidth, inGroups] of vec4
@group(0) @binding(2) var gradY: texture_storage_2d<rgba32float, read>; // [pixels, outGroups] of vec4
@group(0) @binding(3) var<storage, read_write> partials: array<vec4f>; // [chunks, taps, 4 · outGroups, inGroups]

fn loadX(i: u32) -> vec4f { return textureLoad(x, vec2u(i & 4095u, i >> 12u)); }
fn loadG(i: u32) -> vec4f { return textureLoad(gradY, vec2u(i & 4095u, i >> 12u)); }

${DIVIDE}

@compute @workgroup_size(8)
fn weightGradient(@builtin(global_invocation_id) id: vec3u) {
  let inTiles = (sizes.inGroups + ${IN / 4 - 1}u) / ${IN / 4}u;
  let outTiles = (sizes.outGroups + ${OUT / 4 - 1}u) / ${OUT / 4}u;
  let t = id.y * (65535u * 8u) + id.x;
  if (t >= inTiles * outTiles * sizes.taps * sizes.chunks) { return; }
  let outTaps = divide(t, inTiles);
  let inTile = t - outTaps * inTiles;
  let tapChunks = divide(outTaps, outTiles);
  let outTile = outTaps - tapChunks * outTiles;
  let chunk = divide(tapChunks, sizes.taps);
  let tap = tapChunks - chunk * sizes.taps;
  let tapRow = divide(tap, sizes.kernelWidth);
  let kx = i32(tap - tapRow * sizes.kernelWidth) * sizes.dilation - sizes.padding;
  let ky = i32(tapRow) * sizes.dilation - sizes.padding;
  let first = chunk * sizes.length;
  let end = min(first + sizes.length, sizes.pixels);
  let line = divide(first, sizes.width);
  var column = first - line * sizes.width;
  var image = divide(line, sizes.height);
  var row = line - image * sizes.height;`,
  );
  for (const o of range(OUT)) say(`  ${range(IN).map((c) => `var a${o}_${c} = 0.0;`).join(" ")}`);
  for (const c of range(IN / 4)) say(`  let cx${c} = min(inTile * ${IN / 4}u + ${c}u, sizes.inGroups - 1u);`);
  for (const o of range(OUT / 4)) say(`  let cg${o} = min(outTile * ${OUT / 4}u + ${o}u, sizes.outGroups - 1u);`);
  say(`  for (var p = first; p < end; p += ${TOGETHER}u) {`);
  for (const u of range(TOGETHER)) {
    say(`    let sx${u} = i32(column) * sizes.stride + kx; let sy${u} = i32(row) * sizes.stride + ky;
    let in${u} = p + ${u}u < end && sx${u} >= 0 && sy${u} >= 0 && sx${u} < i32(sizes.sourceWidth) && sy${u} < i32(sizes.sourceHeight);
    let counts${u} = select(0.0, 1.0, in${u});
    let at${u} = select(0u, ((image * sizes.sourceHeight + u32(sy${u})) * sizes.sourceWidth + u32(sx${u})) * sizes.inGroups, in${u});
    let pg${u} = min(p + ${u}u, sizes.pixels - 1u) * sizes.outGroups;`);
    for (const c of range(IN / 4)) say(`    let x${u}_${c} = loadX(at${u} + cx${c}) * counts${u};`);
    say(`    column++;
    let wrapX${u} = column == sizes.width;
    column = select(column, 0u, wrapX${u}); row = select(row, row + 1u, wrapX${u});
    let wrapY${u} = row == sizes.height;
    row = select(row, 0u, wrapY${u}); image = select(image, image + 1u, wrapY${u});`);
  }
  for (const o of range(OUT / 4)) {
    say(`    {`);
    for (const u of range(TOGETHER)) say(`      let g${u} = loadG(pg${u} + cg${o});`);
    for (const k of range(4)) {
      for (const c of range(IN)) {
        const a = `a${4 * o + k}_${c}`;
        const sum = range(TOGETHER).reduce(
          (inner, u) => `fma(g${u}.${"xyzw"[k]}, x${u}_${c >> 2}.${"xyzw"[c & 3]}, ${inner})`,
          a,
        );
        say(`      ${a} = ${sum};`);
      }
    }
    say(`    }`);
  }
  say(`  }
  let base = ((chunk * sizes.taps + tap) * 4u * sizes.outGroups + outTile * ${OUT}u) * sizes.inGroups + inTile * ${
    IN / 4
  }u;`);
  for (const o of range(OUT / 4)) {
    for (const c of range(IN / 4)) {
      say(`  if (outTile * ${OUT / 4}u + ${o}u < sizes.outGroups && inTile * ${IN / 4}u + ${c}u < sizes.inGroups) {`);
      for (const k of range(4)) {
        const values = range(4).map((j) => `a${4 * o + k}_${4 * c + j}`).join(", ");
        say(`    partials[base + ${4 * o + k}u * sizes.inGroups + ${c}u] = vec4f(${values});`);
      }
      say(`  }`);
    }
  }
  say(`}`);
  return lines.join("\n") + "\n";
}

if (import.meta.main) {
  await Deno.writeTextFile(new URL("convolution_llvmpipe.wgsl", import.meta.url), convolutionText());
  await Deno.writeTextFile(new URL("weight_gradient_llvmpipe.wgsl", import.meta.url), weightGradientText());
}
