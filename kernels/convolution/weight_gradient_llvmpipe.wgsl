// Written by generate.ts. partials[chunk, tap, o, c] = sum over the pixels p of that chunk of gradY[p, o] · x[source(p, tap), c].
// A thread computes 16 output × 8 input channels of one tap over one chunk of pixels, 4 pixels at a time: the results
// do not fit the registers, so each is fetched and put back once for 4 multiply-adds. Chunks keep both cores busy where the
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

fn divide(a: u32, b: u32) -> u32 {
  let q = u32(f32(a) / f32(b));
  let rest = i32(a - q * b); // rounding leaves q at most one off
  return select(select(q, q + 1u, rest >= i32(b)), q - 1u, rest < 0);
}

@compute @workgroup_size(8)
fn weightGradient(@builtin(global_invocation_id) id: vec3u) {
  let inTiles = (sizes.inGroups + 1u) / 2u;
  let outTiles = (sizes.outGroups + 3u) / 4u;
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
  var row = line - image * sizes.height;
  var a0_0 = 0.0; var a0_1 = 0.0; var a0_2 = 0.0; var a0_3 = 0.0; var a0_4 = 0.0; var a0_5 = 0.0; var a0_6 = 0.0; var a0_7 = 0.0;
  var a1_0 = 0.0; var a1_1 = 0.0; var a1_2 = 0.0; var a1_3 = 0.0; var a1_4 = 0.0; var a1_5 = 0.0; var a1_6 = 0.0; var a1_7 = 0.0;
  var a2_0 = 0.0; var a2_1 = 0.0; var a2_2 = 0.0; var a2_3 = 0.0; var a2_4 = 0.0; var a2_5 = 0.0; var a2_6 = 0.0; var a2_7 = 0.0;
  var a3_0 = 0.0; var a3_1 = 0.0; var a3_2 = 0.0; var a3_3 = 0.0; var a3_4 = 0.0; var a3_5 = 0.0; var a3_6 = 0.0; var a3_7 = 0.0;
  var a4_0 = 0.0; var a4_1 = 0.0; var a4_2 = 0.0; var a4_3 = 0.0; var a4_4 = 0.0; var a4_5 = 0.0; var a4_6 = 0.0; var a4_7 = 0.0;
  var a5_0 = 0.0; var a5_1 = 0.0; var a5_2 = 0.0; var a5_3 = 0.0; var a5_4 = 0.0; var a5_5 = 0.0; var a5_6 = 0.0; var a5_7 = 0.0;
  var a6_0 = 0.0; var a6_1 = 0.0; var a6_2 = 0.0; var a6_3 = 0.0; var a6_4 = 0.0; var a6_5 = 0.0; var a6_6 = 0.0; var a6_7 = 0.0;
  var a7_0 = 0.0; var a7_1 = 0.0; var a7_2 = 0.0; var a7_3 = 0.0; var a7_4 = 0.0; var a7_5 = 0.0; var a7_6 = 0.0; var a7_7 = 0.0;
  var a8_0 = 0.0; var a8_1 = 0.0; var a8_2 = 0.0; var a8_3 = 0.0; var a8_4 = 0.0; var a8_5 = 0.0; var a8_6 = 0.0; var a8_7 = 0.0;
  var a9_0 = 0.0; var a9_1 = 0.0; var a9_2 = 0.0; var a9_3 = 0.0; var a9_4 = 0.0; var a9_5 = 0.0; var a9_6 = 0.0; var a9_7 = 0.0;
  var a10_0 = 0.0; var a10_1 = 0.0; var a10_2 = 0.0; var a10_3 = 0.0; var a10_4 = 0.0; var a10_5 = 0.0; var a10_6 = 0.0; var a10_7 = 0.0;
  var a11_0 = 0.0; var a11_1 = 0.0; var a11_2 = 0.0; var a11_3 = 0.0; var a11_4 = 0.0; var a11_5 = 0.0; var a11_6 = 0.0; var a11_7 = 0.0;
  var a12_0 = 0.0; var a12_1 = 0.0; var a12_2 = 0.0; var a12_3 = 0.0; var a12_4 = 0.0; var a12_5 = 0.0; var a12_6 = 0.0; var a12_7 = 0.0;
  var a13_0 = 0.0; var a13_1 = 0.0; var a13_2 = 0.0; var a13_3 = 0.0; var a13_4 = 0.0; var a13_5 = 0.0; var a13_6 = 0.0; var a13_7 = 0.0;
  var a14_0 = 0.0; var a14_1 = 0.0; var a14_2 = 0.0; var a14_3 = 0.0; var a14_4 = 0.0; var a14_5 = 0.0; var a14_6 = 0.0; var a14_7 = 0.0;
  var a15_0 = 0.0; var a15_1 = 0.0; var a15_2 = 0.0; var a15_3 = 0.0; var a15_4 = 0.0; var a15_5 = 0.0; var a15_6 = 0.0; var a15_7 = 0.0;
  let cx0 = min(inTile * 2u + 0u, sizes.inGroups - 1u);
  let cx1 = min(inTile * 2u + 1u, sizes.inGroups - 1u);
  let cg0 = min(outTile * 4u + 0u, sizes.outGroups - 1u);
  let cg1 = min(outTile * 4u + 1u, sizes.outGroups - 1u);
  let cg2 = min(outTile * 4u + 2u, sizes.outGroups - 1u);
  let cg3 = min(outTile * 4u + 3u, sizes.outGroups - 1u);
  for (var p = first; p < end; p += 4u) {
    let sx0 = i32(column) * sizes.stride + kx; let sy0 = i32(row) * sizes.stride + ky;
    let in0 = p + 0u < end && sx0 >= 0 && sy0 >= 0 && sx0 < i32(sizes.sourceWidth) && sy0 < i32(sizes.sourceHeight);
    let counts0 = select(0.0, 1.0, in0);
    let at0 = select(0u, ((image * sizes.sourceHeight + u32(sy0)) * sizes.sourceWidth + u32(sx0)) * sizes.inGroups, in0);
    let pg0 = min(p + 0u, sizes.pixels - 1u) * sizes.outGroups;
    let x0_0 = loadX(at0 + cx0) * counts0;
    let x0_1 = loadX(at0 + cx1) * counts0;
    column++;
    let wrapX0 = column == sizes.width;
    column = select(column, 0u, wrapX0); row = select(row, row + 1u, wrapX0);
    let wrapY0 = row == sizes.height;
    row = select(row, 0u, wrapY0); image = select(image, image + 1u, wrapY0);
    let sx1 = i32(column) * sizes.stride + kx; let sy1 = i32(row) * sizes.stride + ky;
    let in1 = p + 1u < end && sx1 >= 0 && sy1 >= 0 && sx1 < i32(sizes.sourceWidth) && sy1 < i32(sizes.sourceHeight);
    let counts1 = select(0.0, 1.0, in1);
    let at1 = select(0u, ((image * sizes.sourceHeight + u32(sy1)) * sizes.sourceWidth + u32(sx1)) * sizes.inGroups, in1);
    let pg1 = min(p + 1u, sizes.pixels - 1u) * sizes.outGroups;
    let x1_0 = loadX(at1 + cx0) * counts1;
    let x1_1 = loadX(at1 + cx1) * counts1;
    column++;
    let wrapX1 = column == sizes.width;
    column = select(column, 0u, wrapX1); row = select(row, row + 1u, wrapX1);
    let wrapY1 = row == sizes.height;
    row = select(row, 0u, wrapY1); image = select(image, image + 1u, wrapY1);
    let sx2 = i32(column) * sizes.stride + kx; let sy2 = i32(row) * sizes.stride + ky;
    let in2 = p + 2u < end && sx2 >= 0 && sy2 >= 0 && sx2 < i32(sizes.sourceWidth) && sy2 < i32(sizes.sourceHeight);
    let counts2 = select(0.0, 1.0, in2);
    let at2 = select(0u, ((image * sizes.sourceHeight + u32(sy2)) * sizes.sourceWidth + u32(sx2)) * sizes.inGroups, in2);
    let pg2 = min(p + 2u, sizes.pixels - 1u) * sizes.outGroups;
    let x2_0 = loadX(at2 + cx0) * counts2;
    let x2_1 = loadX(at2 + cx1) * counts2;
    column++;
    let wrapX2 = column == sizes.width;
    column = select(column, 0u, wrapX2); row = select(row, row + 1u, wrapX2);
    let wrapY2 = row == sizes.height;
    row = select(row, 0u, wrapY2); image = select(image, image + 1u, wrapY2);
    let sx3 = i32(column) * sizes.stride + kx; let sy3 = i32(row) * sizes.stride + ky;
    let in3 = p + 3u < end && sx3 >= 0 && sy3 >= 0 && sx3 < i32(sizes.sourceWidth) && sy3 < i32(sizes.sourceHeight);
    let counts3 = select(0.0, 1.0, in3);
    let at3 = select(0u, ((image * sizes.sourceHeight + u32(sy3)) * sizes.sourceWidth + u32(sx3)) * sizes.inGroups, in3);
    let pg3 = min(p + 3u, sizes.pixels - 1u) * sizes.outGroups;
    let x3_0 = loadX(at3 + cx0) * counts3;
    let x3_1 = loadX(at3 + cx1) * counts3;
    column++;
    let wrapX3 = column == sizes.width;
    column = select(column, 0u, wrapX3); row = select(row, row + 1u, wrapX3);
    let wrapY3 = row == sizes.height;
    row = select(row, 0u, wrapY3); image = select(image, image + 1u, wrapY3);
    {
      let g0 = loadG(pg0 + cg0);
      let g1 = loadG(pg1 + cg0);
      let g2 = loadG(pg2 + cg0);
      let g3 = loadG(pg3 + cg0);
      a0_0 = fma(g3.x, x3_0.x, fma(g2.x, x2_0.x, fma(g1.x, x1_0.x, fma(g0.x, x0_0.x, a0_0))));
      a0_1 = fma(g3.x, x3_0.y, fma(g2.x, x2_0.y, fma(g1.x, x1_0.y, fma(g0.x, x0_0.y, a0_1))));
      a0_2 = fma(g3.x, x3_0.z, fma(g2.x, x2_0.z, fma(g1.x, x1_0.z, fma(g0.x, x0_0.z, a0_2))));
      a0_3 = fma(g3.x, x3_0.w, fma(g2.x, x2_0.w, fma(g1.x, x1_0.w, fma(g0.x, x0_0.w, a0_3))));
      a0_4 = fma(g3.x, x3_1.x, fma(g2.x, x2_1.x, fma(g1.x, x1_1.x, fma(g0.x, x0_1.x, a0_4))));
      a0_5 = fma(g3.x, x3_1.y, fma(g2.x, x2_1.y, fma(g1.x, x1_1.y, fma(g0.x, x0_1.y, a0_5))));
      a0_6 = fma(g3.x, x3_1.z, fma(g2.x, x2_1.z, fma(g1.x, x1_1.z, fma(g0.x, x0_1.z, a0_6))));
      a0_7 = fma(g3.x, x3_1.w, fma(g2.x, x2_1.w, fma(g1.x, x1_1.w, fma(g0.x, x0_1.w, a0_7))));
      a1_0 = fma(g3.y, x3_0.x, fma(g2.y, x2_0.x, fma(g1.y, x1_0.x, fma(g0.y, x0_0.x, a1_0))));
      a1_1 = fma(g3.y, x3_0.y, fma(g2.y, x2_0.y, fma(g1.y, x1_0.y, fma(g0.y, x0_0.y, a1_1))));
      a1_2 = fma(g3.y, x3_0.z, fma(g2.y, x2_0.z, fma(g1.y, x1_0.z, fma(g0.y, x0_0.z, a1_2))));
      a1_3 = fma(g3.y, x3_0.w, fma(g2.y, x2_0.w, fma(g1.y, x1_0.w, fma(g0.y, x0_0.w, a1_3))));
      a1_4 = fma(g3.y, x3_1.x, fma(g2.y, x2_1.x, fma(g1.y, x1_1.x, fma(g0.y, x0_1.x, a1_4))));
      a1_5 = fma(g3.y, x3_1.y, fma(g2.y, x2_1.y, fma(g1.y, x1_1.y, fma(g0.y, x0_1.y, a1_5))));
      a1_6 = fma(g3.y, x3_1.z, fma(g2.y, x2_1.z, fma(g1.y, x1_1.z, fma(g0.y, x0_1.z, a1_6))));
      a1_7 = fma(g3.y, x3_1.w, fma(g2.y, x2_1.w, fma(g1.y, x1_1.w, fma(g0.y, x0_1.w, a1_7))));
      a2_0 = fma(g3.z, x3_0.x, fma(g2.z, x2_0.x, fma(g1.z, x1_0.x, fma(g0.z, x0_0.x, a2_0))));
      a2_1 = fma(g3.z, x3_0.y, fma(g2.z, x2_0.y, fma(g1.z, x1_0.y, fma(g0.z, x0_0.y, a2_1))));
      a2_2 = fma(g3.z, x3_0.z, fma(g2.z, x2_0.z, fma(g1.z, x1_0.z, fma(g0.z, x0_0.z, a2_2))));
      a2_3 = fma(g3.z, x3_0.w, fma(g2.z, x2_0.w, fma(g1.z, x1_0.w, fma(g0.z, x0_0.w, a2_3))));
      a2_4 = fma(g3.z, x3_1.x, fma(g2.z, x2_1.x, fma(g1.z, x1_1.x, fma(g0.z, x0_1.x, a2_4))));
      a2_5 = fma(g3.z, x3_1.y, fma(g2.z, x2_1.y, fma(g1.z, x1_1.y, fma(g0.z, x0_1.y, a2_5))));
      a2_6 = fma(g3.z, x3_1.z, fma(g2.z, x2_1.z, fma(g1.z, x1_1.z, fma(g0.z, x0_1.z, a2_6))));
      a2_7 = fma(g3.z, x3_1.w, fma(g2.z, x2_1.w, fma(g1.z, x1_1.w, fma(g0.z, x0_1.w, a2_7))));
      a3_0 = fma(g3.w, x3_0.x, fma(g2.w, x2_0.x, fma(g1.w, x1_0.x, fma(g0.w, x0_0.x, a3_0))));
      a3_1 = fma(g3.w, x3_0.y, fma(g2.w, x2_0.y, fma(g1.w, x1_0.y, fma(g0.w, x0_0.y, a3_1))));
      a3_2 = fma(g3.w, x3_0.z, fma(g2.w, x2_0.z, fma(g1.w, x1_0.z, fma(g0.w, x0_0.z, a3_2))));
      a3_3 = fma(g3.w, x3_0.w, fma(g2.w, x2_0.w, fma(g1.w, x1_0.w, fma(g0.w, x0_0.w, a3_3))));
      a3_4 = fma(g3.w, x3_1.x, fma(g2.w, x2_1.x, fma(g1.w, x1_1.x, fma(g0.w, x0_1.x, a3_4))));
      a3_5 = fma(g3.w, x3_1.y, fma(g2.w, x2_1.y, fma(g1.w, x1_1.y, fma(g0.w, x0_1.y, a3_5))));
      a3_6 = fma(g3.w, x3_1.z, fma(g2.w, x2_1.z, fma(g1.w, x1_1.z, fma(g0.w, x0_1.z, a3_6))));
      a3_7 = fma(g3.w, x3_1.w, fma(g2.w, x2_1.w, fma(g1.w, x1_1.w, fma(g0.w, x0_1.w, a3_7))));
    }
    {
      let g0 = loadG(pg0 + cg1);
      let g1 = loadG(pg1 + cg1);
      let g2 = loadG(pg2 + cg1);
      let g3 = loadG(pg3 + cg1);
      a4_0 = fma(g3.x, x3_0.x, fma(g2.x, x2_0.x, fma(g1.x, x1_0.x, fma(g0.x, x0_0.x, a4_0))));
      a4_1 = fma(g3.x, x3_0.y, fma(g2.x, x2_0.y, fma(g1.x, x1_0.y, fma(g0.x, x0_0.y, a4_1))));
      a4_2 = fma(g3.x, x3_0.z, fma(g2.x, x2_0.z, fma(g1.x, x1_0.z, fma(g0.x, x0_0.z, a4_2))));
      a4_3 = fma(g3.x, x3_0.w, fma(g2.x, x2_0.w, fma(g1.x, x1_0.w, fma(g0.x, x0_0.w, a4_3))));
      a4_4 = fma(g3.x, x3_1.x, fma(g2.x, x2_1.x, fma(g1.x, x1_1.x, fma(g0.x, x0_1.x, a4_4))));
      a4_5 = fma(g3.x, x3_1.y, fma(g2.x, x2_1.y, fma(g1.x, x1_1.y, fma(g0.x, x0_1.y, a4_5))));
      a4_6 = fma(g3.x, x3_1.z, fma(g2.x, x2_1.z, fma(g1.x, x1_1.z, fma(g0.x, x0_1.z, a4_6))));
      a4_7 = fma(g3.x, x3_1.w, fma(g2.x, x2_1.w, fma(g1.x, x1_1.w, fma(g0.x, x0_1.w, a4_7))));
      a5_0 = fma(g3.y, x3_0.x, fma(g2.y, x2_0.x, fma(g1.y, x1_0.x, fma(g0.y, x0_0.x, a5_0))));
      a5_1 = fma(g3.y, x3_0.y, fma(g2.y, x2_0.y, fma(g1.y, x1_0.y, fma(g0.y, x0_0.y, a5_1))));
      a5_2 = fma(g3.y, x3_0.z, fma(g2.y, x2_0.z, fma(g1.y, x1_0.z, fma(g0.y, x0_0.z, a5_2))));
      a5_3 = fma(g3.y, x3_0.w, fma(g2.y, x2_0.w, fma(g1.y, x1_0.w, fma(g0.y, x0_0.w, a5_3))));
      a5_4 = fma(g3.y, x3_1.x, fma(g2.y, x2_1.x, fma(g1.y, x1_1.x, fma(g0.y, x0_1.x, a5_4))));
      a5_5 = fma(g3.y, x3_1.y, fma(g2.y, x2_1.y, fma(g1.y, x1_1.y, fma(g0.y, x0_1.y, a5_5))));
      a5_6 = fma(g3.y, x3_1.z, fma(g2.y, x2_1.z, fma(g1.y, x1_1.z, fma(g0.y, x0_1.z, a5_6))));
      a5_7 = fma(g3.y, x3_1.w, fma(g2.y, x2_1.w, fma(g1.y, x1_1.w, fma(g0.y, x0_1.w, a5_7))));
      a6_0 = fma(g3.z, x3_0.x, fma(g2.z, x2_0.x, fma(g1.z, x1_0.x, fma(g0.z, x0_0.x, a6_0))));
      a6_1 = fma(g3.z, x3_0.y, fma(g2.z, x2_0.y, fma(g1.z, x1_0.y, fma(g0.z, x0_0.y, a6_1))));
      a6_2 = fma(g3.z, x3_0.z, fma(g2.z, x2_0.z, fma(g1.z, x1_0.z, fma(g0.z, x0_0.z, a6_2))));
      a6_3 = fma(g3.z, x3_0.w, fma(g2.z, x2_0.w, fma(g1.z, x1_0.w, fma(g0.z, x0_0.w, a6_3))));
      a6_4 = fma(g3.z, x3_1.x, fma(g2.z, x2_1.x, fma(g1.z, x1_1.x, fma(g0.z, x0_1.x, a6_4))));
      a6_5 = fma(g3.z, x3_1.y, fma(g2.z, x2_1.y, fma(g1.z, x1_1.y, fma(g0.z, x0_1.y, a6_5))));
      a6_6 = fma(g3.z, x3_1.z, fma(g2.z, x2_1.z, fma(g1.z, x1_1.z, fma(g0.z, x0_1.z, a6_6))));
      a6_7 = fma(g3.z, x3_1.w, fma(g2.z, x2_1.w, fma(g1.z, x1_1.w, fma(g0.z, x0_1.w, a6_7))));
      a7_0 = fma(g3.w, x3_0.x, fma(g2.w, x2_0.x, fma(g1.w, x1_0.x, fma(g0.w, x0_0.x, a7_0))));
      a7_1 = fma(g3.w, x3_0.y, fma(g2.w, x2_0.y, fma(g1.w, x1_0.y, fma(g0.w, x0_0.y, a7_1))));
      a7_2 = fma(g3.w, x3_0.z, fma(g2.w, x2_0.z, fma(g1.w, x1_0.z, fma(g0.w, x0_0.z, a7_2))));
      a7_3 = fma(g3.w, x3_0.w, fma(g2.w, x2_0.w, fma(g1.w, x1_0.w, fma(g0.w, x0_0.w, a7_3))));
      a7_4 = fma(g3.w, x3_1.x, fma(g2.w, x2_1.x, fma(g1.w, x1_1.x, fma(g0.w, x0_1.x, a7_4))));
      a7_5 = fma(g3.w, x3_1.y, fma(g2.w, x2_1.y, fma(g1.w, x1_1.y, fma(g0.w, x0_1.y, a7_5))));
      a7_6 = fma(g3.w, x3_1.z, fma(g2.w, x2_1.z, fma(g1.w, x1_1.z, fma(g0.w, x0_1.z, a7_6))));
      a7_7 = fma(g3.w, x3_1.w, fma(g2.w, x2_1.w, fma(g1.w, x1_1.w, fma(g0.w, x0_1.w, a7_7))));
    }
    {
      let g0 = loadG(pg0 + cg2);
      let g1 = loadG(pg1 + cg2);
      let g2 = loadG(pg2 + cg2);
      let g3 = loadG(pg3 + cg2);
      a8_0 = fma(g3.x, x3_0.x, fma(g2.x, x2_0.x, fma(g1.x, x1_0.x, fma(g0.x, x0_0.x, a8_0))));
      a8_1 = fma(g3.x, x3_0.y, fma(g2.x, x2_0.y, fma(g1.x, x1_0.y, fma(g0.x, x0_0.y, a8_1))));
      a8_2 = fma(g3.x, x3_0.z, fma(g2.x, x2_0.z, fma(g1.x, x1_0.z, fma(g0.x, x0_0.z, a8_2))));
      a8_3 = fma(g3.x, x3_0.w, fma(g2.x, x2_0.w, fma(g1.x, x1_0.w, fma(g0.x, x0_0.w, a8_3))));
      a8_4 = fma(g3.x, x3_1.x, fma(g2.x, x2_1.x, fma(g1.x, x1_1.x, fma(g0.x, x0_1.x, a8_4))));
      a8_5 = fma(g3.x, x3_1.y, fma(g2.x, x2_1.y, fma(g1.x, x1_1.y, fma(g0.x, x0_1.y, a8_5))));
      a8_6 = fma(g3.x, x3_1.z, fma(g2.x, x2_1.z, fma(g1.x, x1_1.z, fma(g0.x, x0_1.z, a8_6))));
      a8_7 = fma(g3.x, x3_1.w, fma(g2.x, x2_1.w, fma(g1.x, x1_1.w, fma(g0.x, x0_1.w, a8_7))));
      a9_0 = fma(g3.y, x3_0.x, fma(g2.y, x2_0.x, fma(g1.y, x1_0.x, fma(g0.y, x0_0.x, a9_0))));
      a9_1 = fma(g3.y, x3_0.y, fma(g2.y, x2_0.y, fma(g1.y, x1_0.y, fma(g0.y, x0_0.y, a9_1))));
      a9_2 = fma(g3.y, x3_0.z, fma(g2.y, x2_0.z, fma(g1.y, x1_0.z, fma(g0.y, x0_0.z, a9_2))));
      a9_3 = fma(g3.y, x3_0.w, fma(g2.y, x2_0.w, fma(g1.y, x1_0.w, fma(g0.y, x0_0.w, a9_3))));
      a9_4 = fma(g3.y, x3_1.x, fma(g2.y, x2_1.x, fma(g1.y, x1_1.x, fma(g0.y, x0_1.x, a9_4))));
      a9_5 = fma(g3.y, x3_1.y, fma(g2.y, x2_1.y, fma(g1.y, x1_1.y, fma(g0.y, x0_1.y, a9_5))));
      a9_6 = fma(g3.y, x3_1.z, fma(g2.y, x2_1.z, fma(g1.y, x1_1.z, fma(g0.y, x0_1.z, a9_6))));
      a9_7 = fma(g3.y, x3_1.w, fma(g2.y, x2_1.w, fma(g1.y, x1_1.w, fma(g0.y, x0_1.w, a9_7))));
      a10_0 = fma(g3.z, x3_0.x, fma(g2.z, x2_0.x, fma(g1.z, x1_0.x, fma(g0.z, x0_0.x, a10_0))));
      a10_1 = fma(g3.z, x3_0.y, fma(g2.z, x2_0.y, fma(g1.z, x1_0.y, fma(g0.z, x0_0.y, a10_1))));
      a10_2 = fma(g3.z, x3_0.z, fma(g2.z, x2_0.z, fma(g1.z, x1_0.z, fma(g0.z, x0_0.z, a10_2))));
      a10_3 = fma(g3.z, x3_0.w, fma(g2.z, x2_0.w, fma(g1.z, x1_0.w, fma(g0.z, x0_0.w, a10_3))));
      a10_4 = fma(g3.z, x3_1.x, fma(g2.z, x2_1.x, fma(g1.z, x1_1.x, fma(g0.z, x0_1.x, a10_4))));
      a10_5 = fma(g3.z, x3_1.y, fma(g2.z, x2_1.y, fma(g1.z, x1_1.y, fma(g0.z, x0_1.y, a10_5))));
      a10_6 = fma(g3.z, x3_1.z, fma(g2.z, x2_1.z, fma(g1.z, x1_1.z, fma(g0.z, x0_1.z, a10_6))));
      a10_7 = fma(g3.z, x3_1.w, fma(g2.z, x2_1.w, fma(g1.z, x1_1.w, fma(g0.z, x0_1.w, a10_7))));
      a11_0 = fma(g3.w, x3_0.x, fma(g2.w, x2_0.x, fma(g1.w, x1_0.x, fma(g0.w, x0_0.x, a11_0))));
      a11_1 = fma(g3.w, x3_0.y, fma(g2.w, x2_0.y, fma(g1.w, x1_0.y, fma(g0.w, x0_0.y, a11_1))));
      a11_2 = fma(g3.w, x3_0.z, fma(g2.w, x2_0.z, fma(g1.w, x1_0.z, fma(g0.w, x0_0.z, a11_2))));
      a11_3 = fma(g3.w, x3_0.w, fma(g2.w, x2_0.w, fma(g1.w, x1_0.w, fma(g0.w, x0_0.w, a11_3))));
      a11_4 = fma(g3.w, x3_1.x, fma(g2.w, x2_1.x, fma(g1.w, x1_1.x, fma(g0.w, x0_1.x, a11_4))));
      a11_5 = fma(g3.w, x3_1.y, fma(g2.w, x2_1.y, fma(g1.w, x1_1.y, fma(g0.w, x0_1.y, a11_5))));
      a11_6 = fma(g3.w, x3_1.z, fma(g2.w, x2_1.z, fma(g1.w, x1_1.z, fma(g0.w, x0_1.z, a11_6))));
      a11_7 = fma(g3.w, x3_1.w, fma(g2.w, x2_1.w, fma(g1.w, x1_1.w, fma(g0.w, x0_1.w, a11_7))));
    }
    {
      let g0 = loadG(pg0 + cg3);
      let g1 = loadG(pg1 + cg3);
      let g2 = loadG(pg2 + cg3);
      let g3 = loadG(pg3 + cg3);
      a12_0 = fma(g3.x, x3_0.x, fma(g2.x, x2_0.x, fma(g1.x, x1_0.x, fma(g0.x, x0_0.x, a12_0))));
      a12_1 = fma(g3.x, x3_0.y, fma(g2.x, x2_0.y, fma(g1.x, x1_0.y, fma(g0.x, x0_0.y, a12_1))));
      a12_2 = fma(g3.x, x3_0.z, fma(g2.x, x2_0.z, fma(g1.x, x1_0.z, fma(g0.x, x0_0.z, a12_2))));
      a12_3 = fma(g3.x, x3_0.w, fma(g2.x, x2_0.w, fma(g1.x, x1_0.w, fma(g0.x, x0_0.w, a12_3))));
      a12_4 = fma(g3.x, x3_1.x, fma(g2.x, x2_1.x, fma(g1.x, x1_1.x, fma(g0.x, x0_1.x, a12_4))));
      a12_5 = fma(g3.x, x3_1.y, fma(g2.x, x2_1.y, fma(g1.x, x1_1.y, fma(g0.x, x0_1.y, a12_5))));
      a12_6 = fma(g3.x, x3_1.z, fma(g2.x, x2_1.z, fma(g1.x, x1_1.z, fma(g0.x, x0_1.z, a12_6))));
      a12_7 = fma(g3.x, x3_1.w, fma(g2.x, x2_1.w, fma(g1.x, x1_1.w, fma(g0.x, x0_1.w, a12_7))));
      a13_0 = fma(g3.y, x3_0.x, fma(g2.y, x2_0.x, fma(g1.y, x1_0.x, fma(g0.y, x0_0.x, a13_0))));
      a13_1 = fma(g3.y, x3_0.y, fma(g2.y, x2_0.y, fma(g1.y, x1_0.y, fma(g0.y, x0_0.y, a13_1))));
      a13_2 = fma(g3.y, x3_0.z, fma(g2.y, x2_0.z, fma(g1.y, x1_0.z, fma(g0.y, x0_0.z, a13_2))));
      a13_3 = fma(g3.y, x3_0.w, fma(g2.y, x2_0.w, fma(g1.y, x1_0.w, fma(g0.y, x0_0.w, a13_3))));
      a13_4 = fma(g3.y, x3_1.x, fma(g2.y, x2_1.x, fma(g1.y, x1_1.x, fma(g0.y, x0_1.x, a13_4))));
      a13_5 = fma(g3.y, x3_1.y, fma(g2.y, x2_1.y, fma(g1.y, x1_1.y, fma(g0.y, x0_1.y, a13_5))));
      a13_6 = fma(g3.y, x3_1.z, fma(g2.y, x2_1.z, fma(g1.y, x1_1.z, fma(g0.y, x0_1.z, a13_6))));
      a13_7 = fma(g3.y, x3_1.w, fma(g2.y, x2_1.w, fma(g1.y, x1_1.w, fma(g0.y, x0_1.w, a13_7))));
      a14_0 = fma(g3.z, x3_0.x, fma(g2.z, x2_0.x, fma(g1.z, x1_0.x, fma(g0.z, x0_0.x, a14_0))));
      a14_1 = fma(g3.z, x3_0.y, fma(g2.z, x2_0.y, fma(g1.z, x1_0.y, fma(g0.z, x0_0.y, a14_1))));
      a14_2 = fma(g3.z, x3_0.z, fma(g2.z, x2_0.z, fma(g1.z, x1_0.z, fma(g0.z, x0_0.z, a14_2))));
      a14_3 = fma(g3.z, x3_0.w, fma(g2.z, x2_0.w, fma(g1.z, x1_0.w, fma(g0.z, x0_0.w, a14_3))));
      a14_4 = fma(g3.z, x3_1.x, fma(g2.z, x2_1.x, fma(g1.z, x1_1.x, fma(g0.z, x0_1.x, a14_4))));
      a14_5 = fma(g3.z, x3_1.y, fma(g2.z, x2_1.y, fma(g1.z, x1_1.y, fma(g0.z, x0_1.y, a14_5))));
      a14_6 = fma(g3.z, x3_1.z, fma(g2.z, x2_1.z, fma(g1.z, x1_1.z, fma(g0.z, x0_1.z, a14_6))));
      a14_7 = fma(g3.z, x3_1.w, fma(g2.z, x2_1.w, fma(g1.z, x1_1.w, fma(g0.z, x0_1.w, a14_7))));
      a15_0 = fma(g3.w, x3_0.x, fma(g2.w, x2_0.x, fma(g1.w, x1_0.x, fma(g0.w, x0_0.x, a15_0))));
      a15_1 = fma(g3.w, x3_0.y, fma(g2.w, x2_0.y, fma(g1.w, x1_0.y, fma(g0.w, x0_0.y, a15_1))));
      a15_2 = fma(g3.w, x3_0.z, fma(g2.w, x2_0.z, fma(g1.w, x1_0.z, fma(g0.w, x0_0.z, a15_2))));
      a15_3 = fma(g3.w, x3_0.w, fma(g2.w, x2_0.w, fma(g1.w, x1_0.w, fma(g0.w, x0_0.w, a15_3))));
      a15_4 = fma(g3.w, x3_1.x, fma(g2.w, x2_1.x, fma(g1.w, x1_1.x, fma(g0.w, x0_1.x, a15_4))));
      a15_5 = fma(g3.w, x3_1.y, fma(g2.w, x2_1.y, fma(g1.w, x1_1.y, fma(g0.w, x0_1.y, a15_5))));
      a15_6 = fma(g3.w, x3_1.z, fma(g2.w, x2_1.z, fma(g1.w, x1_1.z, fma(g0.w, x0_1.z, a15_6))));
      a15_7 = fma(g3.w, x3_1.w, fma(g2.w, x2_1.w, fma(g1.w, x1_1.w, fma(g0.w, x0_1.w, a15_7))));
    }
  }
  let base = ((chunk * sizes.taps + tap) * 4u * sizes.outGroups + outTile * 16u) * sizes.inGroups + inTile * 2u;
  if (outTile * 4u + 0u < sizes.outGroups && inTile * 2u + 0u < sizes.inGroups) {
    partials[base + 0u * sizes.inGroups + 0u] = vec4f(a0_0, a0_1, a0_2, a0_3);
    partials[base + 1u * sizes.inGroups + 0u] = vec4f(a1_0, a1_1, a1_2, a1_3);
    partials[base + 2u * sizes.inGroups + 0u] = vec4f(a2_0, a2_1, a2_2, a2_3);
    partials[base + 3u * sizes.inGroups + 0u] = vec4f(a3_0, a3_1, a3_2, a3_3);
  }
  if (outTile * 4u + 0u < sizes.outGroups && inTile * 2u + 1u < sizes.inGroups) {
    partials[base + 0u * sizes.inGroups + 1u] = vec4f(a0_4, a0_5, a0_6, a0_7);
    partials[base + 1u * sizes.inGroups + 1u] = vec4f(a1_4, a1_5, a1_6, a1_7);
    partials[base + 2u * sizes.inGroups + 1u] = vec4f(a2_4, a2_5, a2_6, a2_7);
    partials[base + 3u * sizes.inGroups + 1u] = vec4f(a3_4, a3_5, a3_6, a3_7);
  }
  if (outTile * 4u + 1u < sizes.outGroups && inTile * 2u + 0u < sizes.inGroups) {
    partials[base + 4u * sizes.inGroups + 0u] = vec4f(a4_0, a4_1, a4_2, a4_3);
    partials[base + 5u * sizes.inGroups + 0u] = vec4f(a5_0, a5_1, a5_2, a5_3);
    partials[base + 6u * sizes.inGroups + 0u] = vec4f(a6_0, a6_1, a6_2, a6_3);
    partials[base + 7u * sizes.inGroups + 0u] = vec4f(a7_0, a7_1, a7_2, a7_3);
  }
  if (outTile * 4u + 1u < sizes.outGroups && inTile * 2u + 1u < sizes.inGroups) {
    partials[base + 4u * sizes.inGroups + 1u] = vec4f(a4_4, a4_5, a4_6, a4_7);
    partials[base + 5u * sizes.inGroups + 1u] = vec4f(a5_4, a5_5, a5_6, a5_7);
    partials[base + 6u * sizes.inGroups + 1u] = vec4f(a6_4, a6_5, a6_6, a6_7);
    partials[base + 7u * sizes.inGroups + 1u] = vec4f(a7_4, a7_5, a7_6, a7_7);
  }
  if (outTile * 4u + 2u < sizes.outGroups && inTile * 2u + 0u < sizes.inGroups) {
    partials[base + 8u * sizes.inGroups + 0u] = vec4f(a8_0, a8_1, a8_2, a8_3);
    partials[base + 9u * sizes.inGroups + 0u] = vec4f(a9_0, a9_1, a9_2, a9_3);
    partials[base + 10u * sizes.inGroups + 0u] = vec4f(a10_0, a10_1, a10_2, a10_3);
    partials[base + 11u * sizes.inGroups + 0u] = vec4f(a11_0, a11_1, a11_2, a11_3);
  }
  if (outTile * 4u + 2u < sizes.outGroups && inTile * 2u + 1u < sizes.inGroups) {
    partials[base + 8u * sizes.inGroups + 1u] = vec4f(a8_4, a8_5, a8_6, a8_7);
    partials[base + 9u * sizes.inGroups + 1u] = vec4f(a9_4, a9_5, a9_6, a9_7);
    partials[base + 10u * sizes.inGroups + 1u] = vec4f(a10_4, a10_5, a10_6, a10_7);
    partials[base + 11u * sizes.inGroups + 1u] = vec4f(a11_4, a11_5, a11_6, a11_7);
  }
  if (outTile * 4u + 3u < sizes.outGroups && inTile * 2u + 0u < sizes.inGroups) {
    partials[base + 12u * sizes.inGroups + 0u] = vec4f(a12_0, a12_1, a12_2, a12_3);
    partials[base + 13u * sizes.inGroups + 0u] = vec4f(a13_0, a13_1, a13_2, a13_3);
    partials[base + 14u * sizes.inGroups + 0u] = vec4f(a14_0, a14_1, a14_2, a14_3);
    partials[base + 15u * sizes.inGroups + 0u] = vec4f(a15_0, a15_1, a15_2, a15_3);
  }
  if (outTile * 4u + 3u < sizes.outGroups && inTile * 2u + 1u < sizes.inGroups) {
    partials[base + 12u * sizes.inGroups + 1u] = vec4f(a12_4, a12_5, a12_6, a12_7);
    partials[base + 13u * sizes.inGroups + 1u] = vec4f(a13_4, a13_5, a13_6, a13_7);
    partials[base + 14u * sizes.inGroups + 1u] = vec4f(a14_4, a14_5, a14_6, a14_7);
    partials[base + 15u * sizes.inGroups + 1u] = vec4f(a15_4, a15_5, a15_6, a15_7);
  }
}
