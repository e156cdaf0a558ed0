// Written by generate.ts. gradW[chunk, o, c, tap] = sum over the pixels p of that chunk of gradY[p, o] · x[source(p, tap), c].
// A thread computes 8 output × 8 input channels of one tap over one chunk of pixels; chunks keep both cores busy where the
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
  let inTiles = (sizes.inGroups + 1u) / 2u;
  let outTiles = (sizes.outGroups + 1u) / 2u;
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
  var image = first / (sizes.width * sizes.height);
  var a0_0 = vec4f(0.0); var a0_1 = vec4f(0.0);
  var a1_0 = vec4f(0.0); var a1_1 = vec4f(0.0);
  var a2_0 = vec4f(0.0); var a2_1 = vec4f(0.0);
  var a3_0 = vec4f(0.0); var a3_1 = vec4f(0.0);
  var a4_0 = vec4f(0.0); var a4_1 = vec4f(0.0);
  var a5_0 = vec4f(0.0); var a5_1 = vec4f(0.0);
  var a6_0 = vec4f(0.0); var a6_1 = vec4f(0.0);
  var a7_0 = vec4f(0.0); var a7_1 = vec4f(0.0);
  let cx0 = min(inTile * 2u + 0u, sizes.inGroups - 1u);
  let cx1 = min(inTile * 2u + 1u, sizes.inGroups - 1u);
  let cg0 = min(outTile * 2u + 0u, sizes.outGroups - 1u);
  let cg1 = min(outTile * 2u + 1u, sizes.outGroups - 1u);
  for (var p = first; p < end; p++) {
    let sx = i32(column) * sizes.stride + kx;
    let sy = i32(row) * sizes.stride + ky;
    let inside = sx >= 0 && sy >= 0 && sx < i32(sizes.sourceWidth) && sy < i32(sizes.sourceHeight);
    let counts = select(0.0, 1.0, inside);
    let source = select(0u, ((image * sizes.sourceHeight + u32(sy)) * sizes.sourceWidth + u32(sx)) * sizes.inGroups, inside);
    let x0 = loadX(source + cx0) * counts;
    let x1 = loadX(source + cx1) * counts;
    let g0 = loadG(p * sizes.outGroups + cg0);
    let g1 = loadG(p * sizes.outGroups + cg1);
    a0_0 = fma(vec4f(g0.x), x0, a0_0);
    a0_1 = fma(vec4f(g0.x), x1, a0_1);
    a1_0 = fma(vec4f(g0.y), x0, a1_0);
    a1_1 = fma(vec4f(g0.y), x1, a1_1);
    a2_0 = fma(vec4f(g0.z), x0, a2_0);
    a2_1 = fma(vec4f(g0.z), x1, a2_1);
    a3_0 = fma(vec4f(g0.w), x0, a3_0);
    a3_1 = fma(vec4f(g0.w), x1, a3_1);
    a4_0 = fma(vec4f(g1.x), x0, a4_0);
    a4_1 = fma(vec4f(g1.x), x1, a4_1);
    a5_0 = fma(vec4f(g1.y), x0, a5_0);
    a5_1 = fma(vec4f(g1.y), x1, a5_1);
    a6_0 = fma(vec4f(g1.z), x0, a6_0);
    a6_1 = fma(vec4f(g1.z), x1, a6_1);
    a7_0 = fma(vec4f(g1.w), x0, a7_0);
    a7_1 = fma(vec4f(g1.w), x1, a7_1);
    column++;
    if (column == sizes.width) { column = 0u; row++; }
    if (row == sizes.height) { row = 0u; image++; }
  }
  let base = chunk * sizes.outChannels * sizes.inChannels * sizes.taps + tap;
  if (outTile * 8u + 0u < sizes.outChannels) {
    let at = base + (outTile * 8u + 0u) * sizes.inChannels * sizes.taps;
    if (inTile * 8u + 0u < sizes.inChannels) { gradW[at + (inTile * 8u + 0u) * sizes.taps] = a0_0.x; }
    if (inTile * 8u + 1u < sizes.inChannels) { gradW[at + (inTile * 8u + 1u) * sizes.taps] = a0_0.y; }
    if (inTile * 8u + 2u < sizes.inChannels) { gradW[at + (inTile * 8u + 2u) * sizes.taps] = a0_0.z; }
    if (inTile * 8u + 3u < sizes.inChannels) { gradW[at + (inTile * 8u + 3u) * sizes.taps] = a0_0.w; }
    if (inTile * 8u + 4u < sizes.inChannels) { gradW[at + (inTile * 8u + 4u) * sizes.taps] = a0_1.x; }
    if (inTile * 8u + 5u < sizes.inChannels) { gradW[at + (inTile * 8u + 5u) * sizes.taps] = a0_1.y; }
    if (inTile * 8u + 6u < sizes.inChannels) { gradW[at + (inTile * 8u + 6u) * sizes.taps] = a0_1.z; }
    if (inTile * 8u + 7u < sizes.inChannels) { gradW[at + (inTile * 8u + 7u) * sizes.taps] = a0_1.w; }
  }
  if (outTile * 8u + 1u < sizes.outChannels) {
    let at = base + (outTile * 8u + 1u) * sizes.inChannels * sizes.taps;
    if (inTile * 8u + 0u < sizes.inChannels) { gradW[at + (inTile * 8u + 0u) * sizes.taps] = a1_0.x; }
    if (inTile * 8u + 1u < sizes.inChannels) { gradW[at + (inTile * 8u + 1u) * sizes.taps] = a1_0.y; }
    if (inTile * 8u + 2u < sizes.inChannels) { gradW[at + (inTile * 8u + 2u) * sizes.taps] = a1_0.z; }
    if (inTile * 8u + 3u < sizes.inChannels) { gradW[at + (inTile * 8u + 3u) * sizes.taps] = a1_0.w; }
    if (inTile * 8u + 4u < sizes.inChannels) { gradW[at + (inTile * 8u + 4u) * sizes.taps] = a1_1.x; }
    if (inTile * 8u + 5u < sizes.inChannels) { gradW[at + (inTile * 8u + 5u) * sizes.taps] = a1_1.y; }
    if (inTile * 8u + 6u < sizes.inChannels) { gradW[at + (inTile * 8u + 6u) * sizes.taps] = a1_1.z; }
    if (inTile * 8u + 7u < sizes.inChannels) { gradW[at + (inTile * 8u + 7u) * sizes.taps] = a1_1.w; }
  }
  if (outTile * 8u + 2u < sizes.outChannels) {
    let at = base + (outTile * 8u + 2u) * sizes.inChannels * sizes.taps;
    if (inTile * 8u + 0u < sizes.inChannels) { gradW[at + (inTile * 8u + 0u) * sizes.taps] = a2_0.x; }
    if (inTile * 8u + 1u < sizes.inChannels) { gradW[at + (inTile * 8u + 1u) * sizes.taps] = a2_0.y; }
    if (inTile * 8u + 2u < sizes.inChannels) { gradW[at + (inTile * 8u + 2u) * sizes.taps] = a2_0.z; }
    if (inTile * 8u + 3u < sizes.inChannels) { gradW[at + (inTile * 8u + 3u) * sizes.taps] = a2_0.w; }
    if (inTile * 8u + 4u < sizes.inChannels) { gradW[at + (inTile * 8u + 4u) * sizes.taps] = a2_1.x; }
    if (inTile * 8u + 5u < sizes.inChannels) { gradW[at + (inTile * 8u + 5u) * sizes.taps] = a2_1.y; }
    if (inTile * 8u + 6u < sizes.inChannels) { gradW[at + (inTile * 8u + 6u) * sizes.taps] = a2_1.z; }
    if (inTile * 8u + 7u < sizes.inChannels) { gradW[at + (inTile * 8u + 7u) * sizes.taps] = a2_1.w; }
  }
  if (outTile * 8u + 3u < sizes.outChannels) {
    let at = base + (outTile * 8u + 3u) * sizes.inChannels * sizes.taps;
    if (inTile * 8u + 0u < sizes.inChannels) { gradW[at + (inTile * 8u + 0u) * sizes.taps] = a3_0.x; }
    if (inTile * 8u + 1u < sizes.inChannels) { gradW[at + (inTile * 8u + 1u) * sizes.taps] = a3_0.y; }
    if (inTile * 8u + 2u < sizes.inChannels) { gradW[at + (inTile * 8u + 2u) * sizes.taps] = a3_0.z; }
    if (inTile * 8u + 3u < sizes.inChannels) { gradW[at + (inTile * 8u + 3u) * sizes.taps] = a3_0.w; }
    if (inTile * 8u + 4u < sizes.inChannels) { gradW[at + (inTile * 8u + 4u) * sizes.taps] = a3_1.x; }
    if (inTile * 8u + 5u < sizes.inChannels) { gradW[at + (inTile * 8u + 5u) * sizes.taps] = a3_1.y; }
    if (inTile * 8u + 6u < sizes.inChannels) { gradW[at + (inTile * 8u + 6u) * sizes.taps] = a3_1.z; }
    if (inTile * 8u + 7u < sizes.inChannels) { gradW[at + (inTile * 8u + 7u) * sizes.taps] = a3_1.w; }
  }
  if (outTile * 8u + 4u < sizes.outChannels) {
    let at = base + (outTile * 8u + 4u) * sizes.inChannels * sizes.taps;
    if (inTile * 8u + 0u < sizes.inChannels) { gradW[at + (inTile * 8u + 0u) * sizes.taps] = a4_0.x; }
    if (inTile * 8u + 1u < sizes.inChannels) { gradW[at + (inTile * 8u + 1u) * sizes.taps] = a4_0.y; }
    if (inTile * 8u + 2u < sizes.inChannels) { gradW[at + (inTile * 8u + 2u) * sizes.taps] = a4_0.z; }
    if (inTile * 8u + 3u < sizes.inChannels) { gradW[at + (inTile * 8u + 3u) * sizes.taps] = a4_0.w; }
    if (inTile * 8u + 4u < sizes.inChannels) { gradW[at + (inTile * 8u + 4u) * sizes.taps] = a4_1.x; }
    if (inTile * 8u + 5u < sizes.inChannels) { gradW[at + (inTile * 8u + 5u) * sizes.taps] = a4_1.y; }
    if (inTile * 8u + 6u < sizes.inChannels) { gradW[at + (inTile * 8u + 6u) * sizes.taps] = a4_1.z; }
    if (inTile * 8u + 7u < sizes.inChannels) { gradW[at + (inTile * 8u + 7u) * sizes.taps] = a4_1.w; }
  }
  if (outTile * 8u + 5u < sizes.outChannels) {
    let at = base + (outTile * 8u + 5u) * sizes.inChannels * sizes.taps;
    if (inTile * 8u + 0u < sizes.inChannels) { gradW[at + (inTile * 8u + 0u) * sizes.taps] = a5_0.x; }
    if (inTile * 8u + 1u < sizes.inChannels) { gradW[at + (inTile * 8u + 1u) * sizes.taps] = a5_0.y; }
    if (inTile * 8u + 2u < sizes.inChannels) { gradW[at + (inTile * 8u + 2u) * sizes.taps] = a5_0.z; }
    if (inTile * 8u + 3u < sizes.inChannels) { gradW[at + (inTile * 8u + 3u) * sizes.taps] = a5_0.w; }
    if (inTile * 8u + 4u < sizes.inChannels) { gradW[at + (inTile * 8u + 4u) * sizes.taps] = a5_1.x; }
    if (inTile * 8u + 5u < sizes.inChannels) { gradW[at + (inTile * 8u + 5u) * sizes.taps] = a5_1.y; }
    if (inTile * 8u + 6u < sizes.inChannels) { gradW[at + (inTile * 8u + 6u) * sizes.taps] = a5_1.z; }
    if (inTile * 8u + 7u < sizes.inChannels) { gradW[at + (inTile * 8u + 7u) * sizes.taps] = a5_1.w; }
  }
  if (outTile * 8u + 6u < sizes.outChannels) {
    let at = base + (outTile * 8u + 6u) * sizes.inChannels * sizes.taps;
    if (inTile * 8u + 0u < sizes.inChannels) { gradW[at + (inTile * 8u + 0u) * sizes.taps] = a6_0.x; }
    if (inTile * 8u + 1u < sizes.inChannels) { gradW[at + (inTile * 8u + 1u) * sizes.taps] = a6_0.y; }
    if (inTile * 8u + 2u < sizes.inChannels) { gradW[at + (inTile * 8u + 2u) * sizes.taps] = a6_0.z; }
    if (inTile * 8u + 3u < sizes.inChannels) { gradW[at + (inTile * 8u + 3u) * sizes.taps] = a6_0.w; }
    if (inTile * 8u + 4u < sizes.inChannels) { gradW[at + (inTile * 8u + 4u) * sizes.taps] = a6_1.x; }
    if (inTile * 8u + 5u < sizes.inChannels) { gradW[at + (inTile * 8u + 5u) * sizes.taps] = a6_1.y; }
    if (inTile * 8u + 6u < sizes.inChannels) { gradW[at + (inTile * 8u + 6u) * sizes.taps] = a6_1.z; }
    if (inTile * 8u + 7u < sizes.inChannels) { gradW[at + (inTile * 8u + 7u) * sizes.taps] = a6_1.w; }
  }
  if (outTile * 8u + 7u < sizes.outChannels) {
    let at = base + (outTile * 8u + 7u) * sizes.inChannels * sizes.taps;
    if (inTile * 8u + 0u < sizes.inChannels) { gradW[at + (inTile * 8u + 0u) * sizes.taps] = a7_0.x; }
    if (inTile * 8u + 1u < sizes.inChannels) { gradW[at + (inTile * 8u + 1u) * sizes.taps] = a7_0.y; }
    if (inTile * 8u + 2u < sizes.inChannels) { gradW[at + (inTile * 8u + 2u) * sizes.taps] = a7_0.z; }
    if (inTile * 8u + 3u < sizes.inChannels) { gradW[at + (inTile * 8u + 3u) * sizes.taps] = a7_0.w; }
    if (inTile * 8u + 4u < sizes.inChannels) { gradW[at + (inTile * 8u + 4u) * sizes.taps] = a7_1.x; }
    if (inTile * 8u + 5u < sizes.inChannels) { gradW[at + (inTile * 8u + 5u) * sizes.taps] = a7_1.y; }
    if (inTile * 8u + 6u < sizes.inChannels) { gradW[at + (inTile * 8u + 6u) * sizes.taps] = a7_1.z; }
    if (inTile * 8u + 7u < sizes.inChannels) { gradW[at + (inTile * 8u + 7u) * sizes.taps] = a7_1.w; }
  }
}
