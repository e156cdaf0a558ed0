// Written by generate.ts. y[p, o] = sum over taps and channels of x[source(p, tap), c] · w[o, tap, c], channels-last.
// A thread computes 8 pixels × 16 output channels; the 8 threads of a workgroup are the lanes of one SIMD register and take
// neighbouring pixels. Both operands are read-only storage textures (24 cycles a load, a buffer's 700). A tap outside of
// the image reads some pixel inside of it and counts 0 times: a branch would cost more.
// The data gradient is the same sum with out and in exchanged: `multiplier`, `offset`, `step`, `divisor` place the taps.
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
@group(0) @binding(2) var weights: texture_storage_2d<rgba32float, read>; // [tiles, taps, groups, 16] of vec4
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
  let first = group.x * 64u + local.x;
  let tile = group.y;
  let p0 = min(first + 0u, sizes.pixels - 1u);
  let column0 = p0 % sizes.width; let row0 = (p0 / sizes.width) % sizes.height;
  let image0 = (p0 / (sizes.width * sizes.height)) * sizes.sourceHeight;
  let p1 = min(first + 8u, sizes.pixels - 1u);
  let column1 = p1 % sizes.width; let row1 = (p1 / sizes.width) % sizes.height;
  let image1 = (p1 / (sizes.width * sizes.height)) * sizes.sourceHeight;
  let p2 = min(first + 16u, sizes.pixels - 1u);
  let column2 = p2 % sizes.width; let row2 = (p2 / sizes.width) % sizes.height;
  let image2 = (p2 / (sizes.width * sizes.height)) * sizes.sourceHeight;
  let p3 = min(first + 24u, sizes.pixels - 1u);
  let column3 = p3 % sizes.width; let row3 = (p3 / sizes.width) % sizes.height;
  let image3 = (p3 / (sizes.width * sizes.height)) * sizes.sourceHeight;
  let p4 = min(first + 32u, sizes.pixels - 1u);
  let column4 = p4 % sizes.width; let row4 = (p4 / sizes.width) % sizes.height;
  let image4 = (p4 / (sizes.width * sizes.height)) * sizes.sourceHeight;
  let p5 = min(first + 40u, sizes.pixels - 1u);
  let column5 = p5 % sizes.width; let row5 = (p5 / sizes.width) % sizes.height;
  let image5 = (p5 / (sizes.width * sizes.height)) * sizes.sourceHeight;
  let p6 = min(first + 48u, sizes.pixels - 1u);
  let column6 = p6 % sizes.width; let row6 = (p6 / sizes.width) % sizes.height;
  let image6 = (p6 / (sizes.width * sizes.height)) * sizes.sourceHeight;
  let p7 = min(first + 56u, sizes.pixels - 1u);
  let column7 = p7 % sizes.width; let row7 = (p7 / sizes.width) % sizes.height;
  let image7 = (p7 / (sizes.width * sizes.height)) * sizes.sourceHeight;
  var a0_0 = 0.0; var a0_1 = 0.0; var a0_2 = 0.0; var a0_3 = 0.0; var a0_4 = 0.0; var a0_5 = 0.0; var a0_6 = 0.0; var a0_7 = 0.0; var a0_8 = 0.0; var a0_9 = 0.0; var a0_10 = 0.0; var a0_11 = 0.0; var a0_12 = 0.0; var a0_13 = 0.0; var a0_14 = 0.0; var a0_15 = 0.0;
  var a1_0 = 0.0; var a1_1 = 0.0; var a1_2 = 0.0; var a1_3 = 0.0; var a1_4 = 0.0; var a1_5 = 0.0; var a1_6 = 0.0; var a1_7 = 0.0; var a1_8 = 0.0; var a1_9 = 0.0; var a1_10 = 0.0; var a1_11 = 0.0; var a1_12 = 0.0; var a1_13 = 0.0; var a1_14 = 0.0; var a1_15 = 0.0;
  var a2_0 = 0.0; var a2_1 = 0.0; var a2_2 = 0.0; var a2_3 = 0.0; var a2_4 = 0.0; var a2_5 = 0.0; var a2_6 = 0.0; var a2_7 = 0.0; var a2_8 = 0.0; var a2_9 = 0.0; var a2_10 = 0.0; var a2_11 = 0.0; var a2_12 = 0.0; var a2_13 = 0.0; var a2_14 = 0.0; var a2_15 = 0.0;
  var a3_0 = 0.0; var a3_1 = 0.0; var a3_2 = 0.0; var a3_3 = 0.0; var a3_4 = 0.0; var a3_5 = 0.0; var a3_6 = 0.0; var a3_7 = 0.0; var a3_8 = 0.0; var a3_9 = 0.0; var a3_10 = 0.0; var a3_11 = 0.0; var a3_12 = 0.0; var a3_13 = 0.0; var a3_14 = 0.0; var a3_15 = 0.0;
  var a4_0 = 0.0; var a4_1 = 0.0; var a4_2 = 0.0; var a4_3 = 0.0; var a4_4 = 0.0; var a4_5 = 0.0; var a4_6 = 0.0; var a4_7 = 0.0; var a4_8 = 0.0; var a4_9 = 0.0; var a4_10 = 0.0; var a4_11 = 0.0; var a4_12 = 0.0; var a4_13 = 0.0; var a4_14 = 0.0; var a4_15 = 0.0;
  var a5_0 = 0.0; var a5_1 = 0.0; var a5_2 = 0.0; var a5_3 = 0.0; var a5_4 = 0.0; var a5_5 = 0.0; var a5_6 = 0.0; var a5_7 = 0.0; var a5_8 = 0.0; var a5_9 = 0.0; var a5_10 = 0.0; var a5_11 = 0.0; var a5_12 = 0.0; var a5_13 = 0.0; var a5_14 = 0.0; var a5_15 = 0.0;
  var a6_0 = 0.0; var a6_1 = 0.0; var a6_2 = 0.0; var a6_3 = 0.0; var a6_4 = 0.0; var a6_5 = 0.0; var a6_6 = 0.0; var a6_7 = 0.0; var a6_8 = 0.0; var a6_9 = 0.0; var a6_10 = 0.0; var a6_11 = 0.0; var a6_12 = 0.0; var a6_13 = 0.0; var a6_14 = 0.0; var a6_15 = 0.0;
  var a7_0 = 0.0; var a7_1 = 0.0; var a7_2 = 0.0; var a7_3 = 0.0; var a7_4 = 0.0; var a7_5 = 0.0; var a7_6 = 0.0; var a7_7 = 0.0; var a7_8 = 0.0; var a7_9 = 0.0; var a7_10 = 0.0; var a7_11 = 0.0; var a7_12 = 0.0; var a7_13 = 0.0; var a7_14 = 0.0; var a7_15 = 0.0;
  for (var tap = 0u; tap < sizes.taps; tap++) {
    let kx = tap % sizes.kernelWidth; let ky = tap / sizes.kernelWidth;
    let sx0 = place(column0, kx, sizes.sourceWidth); let sy0 = place(row0, ky, sizes.sourceHeight);
    let inside0 = select(0.0, 1.0, sx0 >= 0 && sy0 >= 0);
    let base0 = ((image0 + u32(max(sy0, 0))) * sizes.sourceWidth + u32(max(sx0, 0))) * sizes.groups;
    let sx1 = place(column1, kx, sizes.sourceWidth); let sy1 = place(row1, ky, sizes.sourceHeight);
    let inside1 = select(0.0, 1.0, sx1 >= 0 && sy1 >= 0);
    let base1 = ((image1 + u32(max(sy1, 0))) * sizes.sourceWidth + u32(max(sx1, 0))) * sizes.groups;
    let sx2 = place(column2, kx, sizes.sourceWidth); let sy2 = place(row2, ky, sizes.sourceHeight);
    let inside2 = select(0.0, 1.0, sx2 >= 0 && sy2 >= 0);
    let base2 = ((image2 + u32(max(sy2, 0))) * sizes.sourceWidth + u32(max(sx2, 0))) * sizes.groups;
    let sx3 = place(column3, kx, sizes.sourceWidth); let sy3 = place(row3, ky, sizes.sourceHeight);
    let inside3 = select(0.0, 1.0, sx3 >= 0 && sy3 >= 0);
    let base3 = ((image3 + u32(max(sy3, 0))) * sizes.sourceWidth + u32(max(sx3, 0))) * sizes.groups;
    let sx4 = place(column4, kx, sizes.sourceWidth); let sy4 = place(row4, ky, sizes.sourceHeight);
    let inside4 = select(0.0, 1.0, sx4 >= 0 && sy4 >= 0);
    let base4 = ((image4 + u32(max(sy4, 0))) * sizes.sourceWidth + u32(max(sx4, 0))) * sizes.groups;
    let sx5 = place(column5, kx, sizes.sourceWidth); let sy5 = place(row5, ky, sizes.sourceHeight);
    let inside5 = select(0.0, 1.0, sx5 >= 0 && sy5 >= 0);
    let base5 = ((image5 + u32(max(sy5, 0))) * sizes.sourceWidth + u32(max(sx5, 0))) * sizes.groups;
    let sx6 = place(column6, kx, sizes.sourceWidth); let sy6 = place(row6, ky, sizes.sourceHeight);
    let inside6 = select(0.0, 1.0, sx6 >= 0 && sy6 >= 0);
    let base6 = ((image6 + u32(max(sy6, 0))) * sizes.sourceWidth + u32(max(sx6, 0))) * sizes.groups;
    let sx7 = place(column7, kx, sizes.sourceWidth); let sy7 = place(row7, ky, sizes.sourceHeight);
    let inside7 = select(0.0, 1.0, sx7 >= 0 && sy7 >= 0);
    let base7 = ((image7 + u32(max(sy7, 0))) * sizes.sourceWidth + u32(max(sx7, 0))) * sizes.groups;
    let weightBase = (tile * sizes.taps + tap) * sizes.groups * 16u;
    for (var k = 0u; k < sizes.groups; k++) {
      let x0 = load(base0 + k) * inside0;
      let x1 = load(base1 + k) * inside1;
      let x2 = load(base2 + k) * inside2;
      let x3 = load(base3 + k) * inside3;
      let x4 = load(base4 + k) * inside4;
      let x5 = load(base5 + k) * inside5;
      let x6 = load(base6 + k) * inside6;
      let x7 = load(base7 + k) * inside7;
      let wb = weightBase + k * 16u;
      { let w = weight(wb + 0u);
        a0_0 = fma(x0.w, w.w, fma(x0.z, w.z, fma(x0.y, w.y, fma(x0.x, w.x, a0_0))));
        a1_0 = fma(x1.w, w.w, fma(x1.z, w.z, fma(x1.y, w.y, fma(x1.x, w.x, a1_0))));
        a2_0 = fma(x2.w, w.w, fma(x2.z, w.z, fma(x2.y, w.y, fma(x2.x, w.x, a2_0))));
        a3_0 = fma(x3.w, w.w, fma(x3.z, w.z, fma(x3.y, w.y, fma(x3.x, w.x, a3_0))));
        a4_0 = fma(x4.w, w.w, fma(x4.z, w.z, fma(x4.y, w.y, fma(x4.x, w.x, a4_0))));
        a5_0 = fma(x5.w, w.w, fma(x5.z, w.z, fma(x5.y, w.y, fma(x5.x, w.x, a5_0))));
        a6_0 = fma(x6.w, w.w, fma(x6.z, w.z, fma(x6.y, w.y, fma(x6.x, w.x, a6_0))));
        a7_0 = fma(x7.w, w.w, fma(x7.z, w.z, fma(x7.y, w.y, fma(x7.x, w.x, a7_0))));
      }
      { let w = weight(wb + 1u);
        a0_1 = fma(x0.w, w.w, fma(x0.z, w.z, fma(x0.y, w.y, fma(x0.x, w.x, a0_1))));
        a1_1 = fma(x1.w, w.w, fma(x1.z, w.z, fma(x1.y, w.y, fma(x1.x, w.x, a1_1))));
        a2_1 = fma(x2.w, w.w, fma(x2.z, w.z, fma(x2.y, w.y, fma(x2.x, w.x, a2_1))));
        a3_1 = fma(x3.w, w.w, fma(x3.z, w.z, fma(x3.y, w.y, fma(x3.x, w.x, a3_1))));
        a4_1 = fma(x4.w, w.w, fma(x4.z, w.z, fma(x4.y, w.y, fma(x4.x, w.x, a4_1))));
        a5_1 = fma(x5.w, w.w, fma(x5.z, w.z, fma(x5.y, w.y, fma(x5.x, w.x, a5_1))));
        a6_1 = fma(x6.w, w.w, fma(x6.z, w.z, fma(x6.y, w.y, fma(x6.x, w.x, a6_1))));
        a7_1 = fma(x7.w, w.w, fma(x7.z, w.z, fma(x7.y, w.y, fma(x7.x, w.x, a7_1))));
      }
      { let w = weight(wb + 2u);
        a0_2 = fma(x0.w, w.w, fma(x0.z, w.z, fma(x0.y, w.y, fma(x0.x, w.x, a0_2))));
        a1_2 = fma(x1.w, w.w, fma(x1.z, w.z, fma(x1.y, w.y, fma(x1.x, w.x, a1_2))));
        a2_2 = fma(x2.w, w.w, fma(x2.z, w.z, fma(x2.y, w.y, fma(x2.x, w.x, a2_2))));
        a3_2 = fma(x3.w, w.w, fma(x3.z, w.z, fma(x3.y, w.y, fma(x3.x, w.x, a3_2))));
        a4_2 = fma(x4.w, w.w, fma(x4.z, w.z, fma(x4.y, w.y, fma(x4.x, w.x, a4_2))));
        a5_2 = fma(x5.w, w.w, fma(x5.z, w.z, fma(x5.y, w.y, fma(x5.x, w.x, a5_2))));
        a6_2 = fma(x6.w, w.w, fma(x6.z, w.z, fma(x6.y, w.y, fma(x6.x, w.x, a6_2))));
        a7_2 = fma(x7.w, w.w, fma(x7.z, w.z, fma(x7.y, w.y, fma(x7.x, w.x, a7_2))));
      }
      { let w = weight(wb + 3u);
        a0_3 = fma(x0.w, w.w, fma(x0.z, w.z, fma(x0.y, w.y, fma(x0.x, w.x, a0_3))));
        a1_3 = fma(x1.w, w.w, fma(x1.z, w.z, fma(x1.y, w.y, fma(x1.x, w.x, a1_3))));
        a2_3 = fma(x2.w, w.w, fma(x2.z, w.z, fma(x2.y, w.y, fma(x2.x, w.x, a2_3))));
        a3_3 = fma(x3.w, w.w, fma(x3.z, w.z, fma(x3.y, w.y, fma(x3.x, w.x, a3_3))));
        a4_3 = fma(x4.w, w.w, fma(x4.z, w.z, fma(x4.y, w.y, fma(x4.x, w.x, a4_3))));
        a5_3 = fma(x5.w, w.w, fma(x5.z, w.z, fma(x5.y, w.y, fma(x5.x, w.x, a5_3))));
        a6_3 = fma(x6.w, w.w, fma(x6.z, w.z, fma(x6.y, w.y, fma(x6.x, w.x, a6_3))));
        a7_3 = fma(x7.w, w.w, fma(x7.z, w.z, fma(x7.y, w.y, fma(x7.x, w.x, a7_3))));
      }
      { let w = weight(wb + 4u);
        a0_4 = fma(x0.w, w.w, fma(x0.z, w.z, fma(x0.y, w.y, fma(x0.x, w.x, a0_4))));
        a1_4 = fma(x1.w, w.w, fma(x1.z, w.z, fma(x1.y, w.y, fma(x1.x, w.x, a1_4))));
        a2_4 = fma(x2.w, w.w, fma(x2.z, w.z, fma(x2.y, w.y, fma(x2.x, w.x, a2_4))));
        a3_4 = fma(x3.w, w.w, fma(x3.z, w.z, fma(x3.y, w.y, fma(x3.x, w.x, a3_4))));
        a4_4 = fma(x4.w, w.w, fma(x4.z, w.z, fma(x4.y, w.y, fma(x4.x, w.x, a4_4))));
        a5_4 = fma(x5.w, w.w, fma(x5.z, w.z, fma(x5.y, w.y, fma(x5.x, w.x, a5_4))));
        a6_4 = fma(x6.w, w.w, fma(x6.z, w.z, fma(x6.y, w.y, fma(x6.x, w.x, a6_4))));
        a7_4 = fma(x7.w, w.w, fma(x7.z, w.z, fma(x7.y, w.y, fma(x7.x, w.x, a7_4))));
      }
      { let w = weight(wb + 5u);
        a0_5 = fma(x0.w, w.w, fma(x0.z, w.z, fma(x0.y, w.y, fma(x0.x, w.x, a0_5))));
        a1_5 = fma(x1.w, w.w, fma(x1.z, w.z, fma(x1.y, w.y, fma(x1.x, w.x, a1_5))));
        a2_5 = fma(x2.w, w.w, fma(x2.z, w.z, fma(x2.y, w.y, fma(x2.x, w.x, a2_5))));
        a3_5 = fma(x3.w, w.w, fma(x3.z, w.z, fma(x3.y, w.y, fma(x3.x, w.x, a3_5))));
        a4_5 = fma(x4.w, w.w, fma(x4.z, w.z, fma(x4.y, w.y, fma(x4.x, w.x, a4_5))));
        a5_5 = fma(x5.w, w.w, fma(x5.z, w.z, fma(x5.y, w.y, fma(x5.x, w.x, a5_5))));
        a6_5 = fma(x6.w, w.w, fma(x6.z, w.z, fma(x6.y, w.y, fma(x6.x, w.x, a6_5))));
        a7_5 = fma(x7.w, w.w, fma(x7.z, w.z, fma(x7.y, w.y, fma(x7.x, w.x, a7_5))));
      }
      { let w = weight(wb + 6u);
        a0_6 = fma(x0.w, w.w, fma(x0.z, w.z, fma(x0.y, w.y, fma(x0.x, w.x, a0_6))));
        a1_6 = fma(x1.w, w.w, fma(x1.z, w.z, fma(x1.y, w.y, fma(x1.x, w.x, a1_6))));
        a2_6 = fma(x2.w, w.w, fma(x2.z, w.z, fma(x2.y, w.y, fma(x2.x, w.x, a2_6))));
        a3_6 = fma(x3.w, w.w, fma(x3.z, w.z, fma(x3.y, w.y, fma(x3.x, w.x, a3_6))));
        a4_6 = fma(x4.w, w.w, fma(x4.z, w.z, fma(x4.y, w.y, fma(x4.x, w.x, a4_6))));
        a5_6 = fma(x5.w, w.w, fma(x5.z, w.z, fma(x5.y, w.y, fma(x5.x, w.x, a5_6))));
        a6_6 = fma(x6.w, w.w, fma(x6.z, w.z, fma(x6.y, w.y, fma(x6.x, w.x, a6_6))));
        a7_6 = fma(x7.w, w.w, fma(x7.z, w.z, fma(x7.y, w.y, fma(x7.x, w.x, a7_6))));
      }
      { let w = weight(wb + 7u);
        a0_7 = fma(x0.w, w.w, fma(x0.z, w.z, fma(x0.y, w.y, fma(x0.x, w.x, a0_7))));
        a1_7 = fma(x1.w, w.w, fma(x1.z, w.z, fma(x1.y, w.y, fma(x1.x, w.x, a1_7))));
        a2_7 = fma(x2.w, w.w, fma(x2.z, w.z, fma(x2.y, w.y, fma(x2.x, w.x, a2_7))));
        a3_7 = fma(x3.w, w.w, fma(x3.z, w.z, fma(x3.y, w.y, fma(x3.x, w.x, a3_7))));
        a4_7 = fma(x4.w, w.w, fma(x4.z, w.z, fma(x4.y, w.y, fma(x4.x, w.x, a4_7))));
        a5_7 = fma(x5.w, w.w, fma(x5.z, w.z, fma(x5.y, w.y, fma(x5.x, w.x, a5_7))));
        a6_7 = fma(x6.w, w.w, fma(x6.z, w.z, fma(x6.y, w.y, fma(x6.x, w.x, a6_7))));
        a7_7 = fma(x7.w, w.w, fma(x7.z, w.z, fma(x7.y, w.y, fma(x7.x, w.x, a7_7))));
      }
      { let w = weight(wb + 8u);
        a0_8 = fma(x0.w, w.w, fma(x0.z, w.z, fma(x0.y, w.y, fma(x0.x, w.x, a0_8))));
        a1_8 = fma(x1.w, w.w, fma(x1.z, w.z, fma(x1.y, w.y, fma(x1.x, w.x, a1_8))));
        a2_8 = fma(x2.w, w.w, fma(x2.z, w.z, fma(x2.y, w.y, fma(x2.x, w.x, a2_8))));
        a3_8 = fma(x3.w, w.w, fma(x3.z, w.z, fma(x3.y, w.y, fma(x3.x, w.x, a3_8))));
        a4_8 = fma(x4.w, w.w, fma(x4.z, w.z, fma(x4.y, w.y, fma(x4.x, w.x, a4_8))));
        a5_8 = fma(x5.w, w.w, fma(x5.z, w.z, fma(x5.y, w.y, fma(x5.x, w.x, a5_8))));
        a6_8 = fma(x6.w, w.w, fma(x6.z, w.z, fma(x6.y, w.y, fma(x6.x, w.x, a6_8))));
        a7_8 = fma(x7.w, w.w, fma(x7.z, w.z, fma(x7.y, w.y, fma(x7.x, w.x, a7_8))));
      }
      { let w = weight(wb + 9u);
        a0_9 = fma(x0.w, w.w, fma(x0.z, w.z, fma(x0.y, w.y, fma(x0.x, w.x, a0_9))));
        a1_9 = fma(x1.w, w.w, fma(x1.z, w.z, fma(x1.y, w.y, fma(x1.x, w.x, a1_9))));
        a2_9 = fma(x2.w, w.w, fma(x2.z, w.z, fma(x2.y, w.y, fma(x2.x, w.x, a2_9))));
        a3_9 = fma(x3.w, w.w, fma(x3.z, w.z, fma(x3.y, w.y, fma(x3.x, w.x, a3_9))));
        a4_9 = fma(x4.w, w.w, fma(x4.z, w.z, fma(x4.y, w.y, fma(x4.x, w.x, a4_9))));
        a5_9 = fma(x5.w, w.w, fma(x5.z, w.z, fma(x5.y, w.y, fma(x5.x, w.x, a5_9))));
        a6_9 = fma(x6.w, w.w, fma(x6.z, w.z, fma(x6.y, w.y, fma(x6.x, w.x, a6_9))));
        a7_9 = fma(x7.w, w.w, fma(x7.z, w.z, fma(x7.y, w.y, fma(x7.x, w.x, a7_9))));
      }
      { let w = weight(wb + 10u);
        a0_10 = fma(x0.w, w.w, fma(x0.z, w.z, fma(x0.y, w.y, fma(x0.x, w.x, a0_10))));
        a1_10 = fma(x1.w, w.w, fma(x1.z, w.z, fma(x1.y, w.y, fma(x1.x, w.x, a1_10))));
        a2_10 = fma(x2.w, w.w, fma(x2.z, w.z, fma(x2.y, w.y, fma(x2.x, w.x, a2_10))));
        a3_10 = fma(x3.w, w.w, fma(x3.z, w.z, fma(x3.y, w.y, fma(x3.x, w.x, a3_10))));
        a4_10 = fma(x4.w, w.w, fma(x4.z, w.z, fma(x4.y, w.y, fma(x4.x, w.x, a4_10))));
        a5_10 = fma(x5.w, w.w, fma(x5.z, w.z, fma(x5.y, w.y, fma(x5.x, w.x, a5_10))));
        a6_10 = fma(x6.w, w.w, fma(x6.z, w.z, fma(x6.y, w.y, fma(x6.x, w.x, a6_10))));
        a7_10 = fma(x7.w, w.w, fma(x7.z, w.z, fma(x7.y, w.y, fma(x7.x, w.x, a7_10))));
      }
      { let w = weight(wb + 11u);
        a0_11 = fma(x0.w, w.w, fma(x0.z, w.z, fma(x0.y, w.y, fma(x0.x, w.x, a0_11))));
        a1_11 = fma(x1.w, w.w, fma(x1.z, w.z, fma(x1.y, w.y, fma(x1.x, w.x, a1_11))));
        a2_11 = fma(x2.w, w.w, fma(x2.z, w.z, fma(x2.y, w.y, fma(x2.x, w.x, a2_11))));
        a3_11 = fma(x3.w, w.w, fma(x3.z, w.z, fma(x3.y, w.y, fma(x3.x, w.x, a3_11))));
        a4_11 = fma(x4.w, w.w, fma(x4.z, w.z, fma(x4.y, w.y, fma(x4.x, w.x, a4_11))));
        a5_11 = fma(x5.w, w.w, fma(x5.z, w.z, fma(x5.y, w.y, fma(x5.x, w.x, a5_11))));
        a6_11 = fma(x6.w, w.w, fma(x6.z, w.z, fma(x6.y, w.y, fma(x6.x, w.x, a6_11))));
        a7_11 = fma(x7.w, w.w, fma(x7.z, w.z, fma(x7.y, w.y, fma(x7.x, w.x, a7_11))));
      }
      { let w = weight(wb + 12u);
        a0_12 = fma(x0.w, w.w, fma(x0.z, w.z, fma(x0.y, w.y, fma(x0.x, w.x, a0_12))));
        a1_12 = fma(x1.w, w.w, fma(x1.z, w.z, fma(x1.y, w.y, fma(x1.x, w.x, a1_12))));
        a2_12 = fma(x2.w, w.w, fma(x2.z, w.z, fma(x2.y, w.y, fma(x2.x, w.x, a2_12))));
        a3_12 = fma(x3.w, w.w, fma(x3.z, w.z, fma(x3.y, w.y, fma(x3.x, w.x, a3_12))));
        a4_12 = fma(x4.w, w.w, fma(x4.z, w.z, fma(x4.y, w.y, fma(x4.x, w.x, a4_12))));
        a5_12 = fma(x5.w, w.w, fma(x5.z, w.z, fma(x5.y, w.y, fma(x5.x, w.x, a5_12))));
        a6_12 = fma(x6.w, w.w, fma(x6.z, w.z, fma(x6.y, w.y, fma(x6.x, w.x, a6_12))));
        a7_12 = fma(x7.w, w.w, fma(x7.z, w.z, fma(x7.y, w.y, fma(x7.x, w.x, a7_12))));
      }
      { let w = weight(wb + 13u);
        a0_13 = fma(x0.w, w.w, fma(x0.z, w.z, fma(x0.y, w.y, fma(x0.x, w.x, a0_13))));
        a1_13 = fma(x1.w, w.w, fma(x1.z, w.z, fma(x1.y, w.y, fma(x1.x, w.x, a1_13))));
        a2_13 = fma(x2.w, w.w, fma(x2.z, w.z, fma(x2.y, w.y, fma(x2.x, w.x, a2_13))));
        a3_13 = fma(x3.w, w.w, fma(x3.z, w.z, fma(x3.y, w.y, fma(x3.x, w.x, a3_13))));
        a4_13 = fma(x4.w, w.w, fma(x4.z, w.z, fma(x4.y, w.y, fma(x4.x, w.x, a4_13))));
        a5_13 = fma(x5.w, w.w, fma(x5.z, w.z, fma(x5.y, w.y, fma(x5.x, w.x, a5_13))));
        a6_13 = fma(x6.w, w.w, fma(x6.z, w.z, fma(x6.y, w.y, fma(x6.x, w.x, a6_13))));
        a7_13 = fma(x7.w, w.w, fma(x7.z, w.z, fma(x7.y, w.y, fma(x7.x, w.x, a7_13))));
      }
      { let w = weight(wb + 14u);
        a0_14 = fma(x0.w, w.w, fma(x0.z, w.z, fma(x0.y, w.y, fma(x0.x, w.x, a0_14))));
        a1_14 = fma(x1.w, w.w, fma(x1.z, w.z, fma(x1.y, w.y, fma(x1.x, w.x, a1_14))));
        a2_14 = fma(x2.w, w.w, fma(x2.z, w.z, fma(x2.y, w.y, fma(x2.x, w.x, a2_14))));
        a3_14 = fma(x3.w, w.w, fma(x3.z, w.z, fma(x3.y, w.y, fma(x3.x, w.x, a3_14))));
        a4_14 = fma(x4.w, w.w, fma(x4.z, w.z, fma(x4.y, w.y, fma(x4.x, w.x, a4_14))));
        a5_14 = fma(x5.w, w.w, fma(x5.z, w.z, fma(x5.y, w.y, fma(x5.x, w.x, a5_14))));
        a6_14 = fma(x6.w, w.w, fma(x6.z, w.z, fma(x6.y, w.y, fma(x6.x, w.x, a6_14))));
        a7_14 = fma(x7.w, w.w, fma(x7.z, w.z, fma(x7.y, w.y, fma(x7.x, w.x, a7_14))));
      }
      { let w = weight(wb + 15u);
        a0_15 = fma(x0.w, w.w, fma(x0.z, w.z, fma(x0.y, w.y, fma(x0.x, w.x, a0_15))));
        a1_15 = fma(x1.w, w.w, fma(x1.z, w.z, fma(x1.y, w.y, fma(x1.x, w.x, a1_15))));
        a2_15 = fma(x2.w, w.w, fma(x2.z, w.z, fma(x2.y, w.y, fma(x2.x, w.x, a2_15))));
        a3_15 = fma(x3.w, w.w, fma(x3.z, w.z, fma(x3.y, w.y, fma(x3.x, w.x, a3_15))));
        a4_15 = fma(x4.w, w.w, fma(x4.z, w.z, fma(x4.y, w.y, fma(x4.x, w.x, a4_15))));
        a5_15 = fma(x5.w, w.w, fma(x5.z, w.z, fma(x5.y, w.y, fma(x5.x, w.x, a5_15))));
        a6_15 = fma(x6.w, w.w, fma(x6.z, w.z, fma(x6.y, w.y, fma(x6.x, w.x, a6_15))));
        a7_15 = fma(x7.w, w.w, fma(x7.z, w.z, fma(x7.y, w.y, fma(x7.x, w.x, a7_15))));
      }
    }
  }
  let quarter = sizes.channels / 4u;
  if (first + 0u < sizes.pixels) {
    if (tile * 4u + 0u < quarter) { y[p0 * quarter + tile * 4u + 0u] = vec4f(a0_0, a0_1, a0_2, a0_3); }
    if (tile * 4u + 1u < quarter) { y[p0 * quarter + tile * 4u + 1u] = vec4f(a0_4, a0_5, a0_6, a0_7); }
    if (tile * 4u + 2u < quarter) { y[p0 * quarter + tile * 4u + 2u] = vec4f(a0_8, a0_9, a0_10, a0_11); }
    if (tile * 4u + 3u < quarter) { y[p0 * quarter + tile * 4u + 3u] = vec4f(a0_12, a0_13, a0_14, a0_15); }
  }
  if (first + 8u < sizes.pixels) {
    if (tile * 4u + 0u < quarter) { y[p1 * quarter + tile * 4u + 0u] = vec4f(a1_0, a1_1, a1_2, a1_3); }
    if (tile * 4u + 1u < quarter) { y[p1 * quarter + tile * 4u + 1u] = vec4f(a1_4, a1_5, a1_6, a1_7); }
    if (tile * 4u + 2u < quarter) { y[p1 * quarter + tile * 4u + 2u] = vec4f(a1_8, a1_9, a1_10, a1_11); }
    if (tile * 4u + 3u < quarter) { y[p1 * quarter + tile * 4u + 3u] = vec4f(a1_12, a1_13, a1_14, a1_15); }
  }
  if (first + 16u < sizes.pixels) {
    if (tile * 4u + 0u < quarter) { y[p2 * quarter + tile * 4u + 0u] = vec4f(a2_0, a2_1, a2_2, a2_3); }
    if (tile * 4u + 1u < quarter) { y[p2 * quarter + tile * 4u + 1u] = vec4f(a2_4, a2_5, a2_6, a2_7); }
    if (tile * 4u + 2u < quarter) { y[p2 * quarter + tile * 4u + 2u] = vec4f(a2_8, a2_9, a2_10, a2_11); }
    if (tile * 4u + 3u < quarter) { y[p2 * quarter + tile * 4u + 3u] = vec4f(a2_12, a2_13, a2_14, a2_15); }
  }
  if (first + 24u < sizes.pixels) {
    if (tile * 4u + 0u < quarter) { y[p3 * quarter + tile * 4u + 0u] = vec4f(a3_0, a3_1, a3_2, a3_3); }
    if (tile * 4u + 1u < quarter) { y[p3 * quarter + tile * 4u + 1u] = vec4f(a3_4, a3_5, a3_6, a3_7); }
    if (tile * 4u + 2u < quarter) { y[p3 * quarter + tile * 4u + 2u] = vec4f(a3_8, a3_9, a3_10, a3_11); }
    if (tile * 4u + 3u < quarter) { y[p3 * quarter + tile * 4u + 3u] = vec4f(a3_12, a3_13, a3_14, a3_15); }
  }
  if (first + 32u < sizes.pixels) {
    if (tile * 4u + 0u < quarter) { y[p4 * quarter + tile * 4u + 0u] = vec4f(a4_0, a4_1, a4_2, a4_3); }
    if (tile * 4u + 1u < quarter) { y[p4 * quarter + tile * 4u + 1u] = vec4f(a4_4, a4_5, a4_6, a4_7); }
    if (tile * 4u + 2u < quarter) { y[p4 * quarter + tile * 4u + 2u] = vec4f(a4_8, a4_9, a4_10, a4_11); }
    if (tile * 4u + 3u < quarter) { y[p4 * quarter + tile * 4u + 3u] = vec4f(a4_12, a4_13, a4_14, a4_15); }
  }
  if (first + 40u < sizes.pixels) {
    if (tile * 4u + 0u < quarter) { y[p5 * quarter + tile * 4u + 0u] = vec4f(a5_0, a5_1, a5_2, a5_3); }
    if (tile * 4u + 1u < quarter) { y[p5 * quarter + tile * 4u + 1u] = vec4f(a5_4, a5_5, a5_6, a5_7); }
    if (tile * 4u + 2u < quarter) { y[p5 * quarter + tile * 4u + 2u] = vec4f(a5_8, a5_9, a5_10, a5_11); }
    if (tile * 4u + 3u < quarter) { y[p5 * quarter + tile * 4u + 3u] = vec4f(a5_12, a5_13, a5_14, a5_15); }
  }
  if (first + 48u < sizes.pixels) {
    if (tile * 4u + 0u < quarter) { y[p6 * quarter + tile * 4u + 0u] = vec4f(a6_0, a6_1, a6_2, a6_3); }
    if (tile * 4u + 1u < quarter) { y[p6 * quarter + tile * 4u + 1u] = vec4f(a6_4, a6_5, a6_6, a6_7); }
    if (tile * 4u + 2u < quarter) { y[p6 * quarter + tile * 4u + 2u] = vec4f(a6_8, a6_9, a6_10, a6_11); }
    if (tile * 4u + 3u < quarter) { y[p6 * quarter + tile * 4u + 3u] = vec4f(a6_12, a6_13, a6_14, a6_15); }
  }
  if (first + 56u < sizes.pixels) {
    if (tile * 4u + 0u < quarter) { y[p7 * quarter + tile * 4u + 0u] = vec4f(a7_0, a7_1, a7_2, a7_3); }
    if (tile * 4u + 1u < quarter) { y[p7 * quarter + tile * 4u + 1u] = vec4f(a7_4, a7_5, a7_6, a7_7); }
    if (tile * 4u + 2u < quarter) { y[p7 * quarter + tile * 4u + 2u] = vec4f(a7_8, a7_9, a7_10, a7_11); }
    if (tile * 4u + 3u < quarter) { y[p7 * quarter + tile * 4u + 3u] = vec4f(a7_12, a7_13, a7_14, a7_15); }
  }
}
