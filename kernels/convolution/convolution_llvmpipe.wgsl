// Written by generate.ts. y[p, o] = bias[o] + sum over taps and channels of x[source(p, tap), c] · w[o, tap, c], channels-last.
// A thread computes 8 pixels × 16 output channels; the 8 threads of a workgroup are the lanes of one SIMD register and take
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
@group(0) @binding(2) var weights: texture_storage_2d<rgba32float, read>; // [tiles, taps, groups, 16], or as the strides say
@group(0) @binding(3) var bias: texture_storage_2d<rgba32float, read>; // [channels / 4], not looked at unless biased
@group(0) @binding(4) var<storage, read_write> y: array<vec4f>; // [pixels, channels / 4]

fn load(i: u32) -> vec4f { return textureLoad(x, vec2u(i & 4095u, i >> 12u)); }
fn weight(i: u32) -> vec4f { return textureLoad(weights, vec2u(i & 4095u, i >> 12u)); }
fn initial(i: u32) -> vec4f { return select(vec4f(0.0), textureLoad(bias, vec2u(i & 4095u, i >> 12u)), sizes.biased == 1u); }

fn divide(a: u32, b: u32) -> u32 {
  let q = u32(f32(a) / f32(b));
  let rest = i32(a - q * b); // rounding leaves q at most one off
  return select(select(q, q + 1u, rest >= i32(b)), q - 1u, rest < 0);
}

@compute @workgroup_size(8)
fn convolution(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u) {
  let tile = group.y; // before the pixels, so that those stay in the cache
  let first = group.z * 64u + local.x;
  let phaseY = divide(group.x, sizes.phases);
  let phaseX = group.x - phaseY * sizes.phases;
  let i0 = min(first + 0u, sizes.pixels - 1u);
  let line0 = divide(i0, sizes.phaseWidth); let image0 = divide(line0, sizes.phaseHeight);
  let column0 = i32(i0 - line0 * sizes.phaseWidth); let row0 = i32(line0 - image0 * sizes.phaseHeight);
  let i1 = min(first + 8u, sizes.pixels - 1u);
  let line1 = divide(i1, sizes.phaseWidth); let image1 = divide(line1, sizes.phaseHeight);
  let column1 = i32(i1 - line1 * sizes.phaseWidth); let row1 = i32(line1 - image1 * sizes.phaseHeight);
  let i2 = min(first + 16u, sizes.pixels - 1u);
  let line2 = divide(i2, sizes.phaseWidth); let image2 = divide(line2, sizes.phaseHeight);
  let column2 = i32(i2 - line2 * sizes.phaseWidth); let row2 = i32(line2 - image2 * sizes.phaseHeight);
  let i3 = min(first + 24u, sizes.pixels - 1u);
  let line3 = divide(i3, sizes.phaseWidth); let image3 = divide(line3, sizes.phaseHeight);
  let column3 = i32(i3 - line3 * sizes.phaseWidth); let row3 = i32(line3 - image3 * sizes.phaseHeight);
  let i4 = min(first + 32u, sizes.pixels - 1u);
  let line4 = divide(i4, sizes.phaseWidth); let image4 = divide(line4, sizes.phaseHeight);
  let column4 = i32(i4 - line4 * sizes.phaseWidth); let row4 = i32(line4 - image4 * sizes.phaseHeight);
  let i5 = min(first + 40u, sizes.pixels - 1u);
  let line5 = divide(i5, sizes.phaseWidth); let image5 = divide(line5, sizes.phaseHeight);
  let column5 = i32(i5 - line5 * sizes.phaseWidth); let row5 = i32(line5 - image5 * sizes.phaseHeight);
  let i6 = min(first + 48u, sizes.pixels - 1u);
  let line6 = divide(i6, sizes.phaseWidth); let image6 = divide(line6, sizes.phaseHeight);
  let column6 = i32(i6 - line6 * sizes.phaseWidth); let row6 = i32(line6 - image6 * sizes.phaseHeight);
  let i7 = min(first + 56u, sizes.pixels - 1u);
  let line7 = divide(i7, sizes.phaseWidth); let image7 = divide(line7, sizes.phaseHeight);
  let column7 = i32(i7 - line7 * sizes.phaseWidth); let row7 = i32(line7 - image7 * sizes.phaseHeight);
  let bias0 = initial(tile * 4u + 0u);
  let bias1 = initial(tile * 4u + 1u);
  let bias2 = initial(tile * 4u + 2u);
  let bias3 = initial(tile * 4u + 3u);
  var a0_0 = bias0.x; var a0_1 = bias0.y; var a0_2 = bias0.z; var a0_3 = bias0.w; var a0_4 = bias1.x; var a0_5 = bias1.y; var a0_6 = bias1.z; var a0_7 = bias1.w; var a0_8 = bias2.x; var a0_9 = bias2.y; var a0_10 = bias2.z; var a0_11 = bias2.w; var a0_12 = bias3.x; var a0_13 = bias3.y; var a0_14 = bias3.z; var a0_15 = bias3.w;
  var a1_0 = bias0.x; var a1_1 = bias0.y; var a1_2 = bias0.z; var a1_3 = bias0.w; var a1_4 = bias1.x; var a1_5 = bias1.y; var a1_6 = bias1.z; var a1_7 = bias1.w; var a1_8 = bias2.x; var a1_9 = bias2.y; var a1_10 = bias2.z; var a1_11 = bias2.w; var a1_12 = bias3.x; var a1_13 = bias3.y; var a1_14 = bias3.z; var a1_15 = bias3.w;
  var a2_0 = bias0.x; var a2_1 = bias0.y; var a2_2 = bias0.z; var a2_3 = bias0.w; var a2_4 = bias1.x; var a2_5 = bias1.y; var a2_6 = bias1.z; var a2_7 = bias1.w; var a2_8 = bias2.x; var a2_9 = bias2.y; var a2_10 = bias2.z; var a2_11 = bias2.w; var a2_12 = bias3.x; var a2_13 = bias3.y; var a2_14 = bias3.z; var a2_15 = bias3.w;
  var a3_0 = bias0.x; var a3_1 = bias0.y; var a3_2 = bias0.z; var a3_3 = bias0.w; var a3_4 = bias1.x; var a3_5 = bias1.y; var a3_6 = bias1.z; var a3_7 = bias1.w; var a3_8 = bias2.x; var a3_9 = bias2.y; var a3_10 = bias2.z; var a3_11 = bias2.w; var a3_12 = bias3.x; var a3_13 = bias3.y; var a3_14 = bias3.z; var a3_15 = bias3.w;
  var a4_0 = bias0.x; var a4_1 = bias0.y; var a4_2 = bias0.z; var a4_3 = bias0.w; var a4_4 = bias1.x; var a4_5 = bias1.y; var a4_6 = bias1.z; var a4_7 = bias1.w; var a4_8 = bias2.x; var a4_9 = bias2.y; var a4_10 = bias2.z; var a4_11 = bias2.w; var a4_12 = bias3.x; var a4_13 = bias3.y; var a4_14 = bias3.z; var a4_15 = bias3.w;
  var a5_0 = bias0.x; var a5_1 = bias0.y; var a5_2 = bias0.z; var a5_3 = bias0.w; var a5_4 = bias1.x; var a5_5 = bias1.y; var a5_6 = bias1.z; var a5_7 = bias1.w; var a5_8 = bias2.x; var a5_9 = bias2.y; var a5_10 = bias2.z; var a5_11 = bias2.w; var a5_12 = bias3.x; var a5_13 = bias3.y; var a5_14 = bias3.z; var a5_15 = bias3.w;
  var a6_0 = bias0.x; var a6_1 = bias0.y; var a6_2 = bias0.z; var a6_3 = bias0.w; var a6_4 = bias1.x; var a6_5 = bias1.y; var a6_6 = bias1.z; var a6_7 = bias1.w; var a6_8 = bias2.x; var a6_9 = bias2.y; var a6_10 = bias2.z; var a6_11 = bias2.w; var a6_12 = bias3.x; var a6_13 = bias3.y; var a6_14 = bias3.z; var a6_15 = bias3.w;
  var a7_0 = bias0.x; var a7_1 = bias0.y; var a7_2 = bias0.z; var a7_3 = bias0.w; var a7_4 = bias1.x; var a7_5 = bias1.y; var a7_6 = bias1.z; var a7_7 = bias1.w; var a7_8 = bias2.x; var a7_9 = bias2.y; var a7_10 = bias2.z; var a7_11 = bias2.w; var a7_12 = bias3.x; var a7_13 = bias3.y; var a7_14 = bias3.z; var a7_15 = bias3.w;
  var kx = 0u; var ky = 0u;
  for (var tap = 0u; tap < sizes.taps; tap++) {
    let shiftX = i32(phaseX) + sizes.offset + i32(kx) * sizes.step;
    let shiftY = i32(phaseY) + sizes.offset + i32(ky) * sizes.step;
    let tapX = i32(floor((f32(shiftX) + 0.5) / f32(sizes.phases))); let tapY = i32(floor((f32(shiftY) + 0.5) / f32(sizes.phases)));
    // A loop of no rounds skips the tap; llvmpipe computes both sides of an if.
    let meets = tapX * i32(sizes.phases) == shiftX && tapY * i32(sizes.phases) == shiftY;
    let end = select(0u, sizes.groups, meets);
    let sx0 = column0 * sizes.multiplier + tapX; let sy0 = row0 * sizes.multiplier + tapY;
    let in0 = sx0 >= 0 && sy0 >= 0 && sx0 < i32(sizes.sourceWidth) && sy0 < i32(sizes.sourceHeight);
    let counts0 = select(0.0, 1.0, in0);
    let at0 = select(0u, ((image0 * sizes.sourceHeight + u32(sy0)) * sizes.sourceWidth + u32(sx0)) * sizes.groups, in0);
    let sx1 = column1 * sizes.multiplier + tapX; let sy1 = row1 * sizes.multiplier + tapY;
    let in1 = sx1 >= 0 && sy1 >= 0 && sx1 < i32(sizes.sourceWidth) && sy1 < i32(sizes.sourceHeight);
    let counts1 = select(0.0, 1.0, in1);
    let at1 = select(0u, ((image1 * sizes.sourceHeight + u32(sy1)) * sizes.sourceWidth + u32(sx1)) * sizes.groups, in1);
    let sx2 = column2 * sizes.multiplier + tapX; let sy2 = row2 * sizes.multiplier + tapY;
    let in2 = sx2 >= 0 && sy2 >= 0 && sx2 < i32(sizes.sourceWidth) && sy2 < i32(sizes.sourceHeight);
    let counts2 = select(0.0, 1.0, in2);
    let at2 = select(0u, ((image2 * sizes.sourceHeight + u32(sy2)) * sizes.sourceWidth + u32(sx2)) * sizes.groups, in2);
    let sx3 = column3 * sizes.multiplier + tapX; let sy3 = row3 * sizes.multiplier + tapY;
    let in3 = sx3 >= 0 && sy3 >= 0 && sx3 < i32(sizes.sourceWidth) && sy3 < i32(sizes.sourceHeight);
    let counts3 = select(0.0, 1.0, in3);
    let at3 = select(0u, ((image3 * sizes.sourceHeight + u32(sy3)) * sizes.sourceWidth + u32(sx3)) * sizes.groups, in3);
    let sx4 = column4 * sizes.multiplier + tapX; let sy4 = row4 * sizes.multiplier + tapY;
    let in4 = sx4 >= 0 && sy4 >= 0 && sx4 < i32(sizes.sourceWidth) && sy4 < i32(sizes.sourceHeight);
    let counts4 = select(0.0, 1.0, in4);
    let at4 = select(0u, ((image4 * sizes.sourceHeight + u32(sy4)) * sizes.sourceWidth + u32(sx4)) * sizes.groups, in4);
    let sx5 = column5 * sizes.multiplier + tapX; let sy5 = row5 * sizes.multiplier + tapY;
    let in5 = sx5 >= 0 && sy5 >= 0 && sx5 < i32(sizes.sourceWidth) && sy5 < i32(sizes.sourceHeight);
    let counts5 = select(0.0, 1.0, in5);
    let at5 = select(0u, ((image5 * sizes.sourceHeight + u32(sy5)) * sizes.sourceWidth + u32(sx5)) * sizes.groups, in5);
    let sx6 = column6 * sizes.multiplier + tapX; let sy6 = row6 * sizes.multiplier + tapY;
    let in6 = sx6 >= 0 && sy6 >= 0 && sx6 < i32(sizes.sourceWidth) && sy6 < i32(sizes.sourceHeight);
    let counts6 = select(0.0, 1.0, in6);
    let at6 = select(0u, ((image6 * sizes.sourceHeight + u32(sy6)) * sizes.sourceWidth + u32(sx6)) * sizes.groups, in6);
    let sx7 = column7 * sizes.multiplier + tapX; let sy7 = row7 * sizes.multiplier + tapY;
    let in7 = sx7 >= 0 && sy7 >= 0 && sx7 < i32(sizes.sourceWidth) && sy7 < i32(sizes.sourceHeight);
    let counts7 = select(0.0, 1.0, in7);
    let at7 = select(0u, ((image7 * sizes.sourceHeight + u32(sy7)) * sizes.sourceWidth + u32(sx7)) * sizes.groups, in7);
    let weightBase = tile * sizes.tileStride + tap * sizes.tapStride;
    for (var k = 0u; k < end; k++) {
      let x0 = load(at0 + k) * counts0;
      let x1 = load(at1 + k) * counts1;
      let x2 = load(at2 + k) * counts2;
      let x3 = load(at3 + k) * counts3;
      let x4 = load(at4 + k) * counts4;
      let x5 = load(at5 + k) * counts5;
      let x6 = load(at6 + k) * counts6;
      let x7 = load(at7 + k) * counts7;
      let wb = weightBase + k * sizes.groupStride;
      { let w = weight(wb + 0u * sizes.rowStride);
        a0_0 = fma(x0.w, w.w, fma(x0.z, w.z, fma(x0.y, w.y, fma(x0.x, w.x, a0_0))));
        a1_0 = fma(x1.w, w.w, fma(x1.z, w.z, fma(x1.y, w.y, fma(x1.x, w.x, a1_0))));
        a2_0 = fma(x2.w, w.w, fma(x2.z, w.z, fma(x2.y, w.y, fma(x2.x, w.x, a2_0))));
        a3_0 = fma(x3.w, w.w, fma(x3.z, w.z, fma(x3.y, w.y, fma(x3.x, w.x, a3_0))));
        a4_0 = fma(x4.w, w.w, fma(x4.z, w.z, fma(x4.y, w.y, fma(x4.x, w.x, a4_0))));
        a5_0 = fma(x5.w, w.w, fma(x5.z, w.z, fma(x5.y, w.y, fma(x5.x, w.x, a5_0))));
        a6_0 = fma(x6.w, w.w, fma(x6.z, w.z, fma(x6.y, w.y, fma(x6.x, w.x, a6_0))));
        a7_0 = fma(x7.w, w.w, fma(x7.z, w.z, fma(x7.y, w.y, fma(x7.x, w.x, a7_0))));
      }
      { let w = weight(wb + 1u * sizes.rowStride);
        a0_1 = fma(x0.w, w.w, fma(x0.z, w.z, fma(x0.y, w.y, fma(x0.x, w.x, a0_1))));
        a1_1 = fma(x1.w, w.w, fma(x1.z, w.z, fma(x1.y, w.y, fma(x1.x, w.x, a1_1))));
        a2_1 = fma(x2.w, w.w, fma(x2.z, w.z, fma(x2.y, w.y, fma(x2.x, w.x, a2_1))));
        a3_1 = fma(x3.w, w.w, fma(x3.z, w.z, fma(x3.y, w.y, fma(x3.x, w.x, a3_1))));
        a4_1 = fma(x4.w, w.w, fma(x4.z, w.z, fma(x4.y, w.y, fma(x4.x, w.x, a4_1))));
        a5_1 = fma(x5.w, w.w, fma(x5.z, w.z, fma(x5.y, w.y, fma(x5.x, w.x, a5_1))));
        a6_1 = fma(x6.w, w.w, fma(x6.z, w.z, fma(x6.y, w.y, fma(x6.x, w.x, a6_1))));
        a7_1 = fma(x7.w, w.w, fma(x7.z, w.z, fma(x7.y, w.y, fma(x7.x, w.x, a7_1))));
      }
      { let w = weight(wb + 2u * sizes.rowStride);
        a0_2 = fma(x0.w, w.w, fma(x0.z, w.z, fma(x0.y, w.y, fma(x0.x, w.x, a0_2))));
        a1_2 = fma(x1.w, w.w, fma(x1.z, w.z, fma(x1.y, w.y, fma(x1.x, w.x, a1_2))));
        a2_2 = fma(x2.w, w.w, fma(x2.z, w.z, fma(x2.y, w.y, fma(x2.x, w.x, a2_2))));
        a3_2 = fma(x3.w, w.w, fma(x3.z, w.z, fma(x3.y, w.y, fma(x3.x, w.x, a3_2))));
        a4_2 = fma(x4.w, w.w, fma(x4.z, w.z, fma(x4.y, w.y, fma(x4.x, w.x, a4_2))));
        a5_2 = fma(x5.w, w.w, fma(x5.z, w.z, fma(x5.y, w.y, fma(x5.x, w.x, a5_2))));
        a6_2 = fma(x6.w, w.w, fma(x6.z, w.z, fma(x6.y, w.y, fma(x6.x, w.x, a6_2))));
        a7_2 = fma(x7.w, w.w, fma(x7.z, w.z, fma(x7.y, w.y, fma(x7.x, w.x, a7_2))));
      }
      { let w = weight(wb + 3u * sizes.rowStride);
        a0_3 = fma(x0.w, w.w, fma(x0.z, w.z, fma(x0.y, w.y, fma(x0.x, w.x, a0_3))));
        a1_3 = fma(x1.w, w.w, fma(x1.z, w.z, fma(x1.y, w.y, fma(x1.x, w.x, a1_3))));
        a2_3 = fma(x2.w, w.w, fma(x2.z, w.z, fma(x2.y, w.y, fma(x2.x, w.x, a2_3))));
        a3_3 = fma(x3.w, w.w, fma(x3.z, w.z, fma(x3.y, w.y, fma(x3.x, w.x, a3_3))));
        a4_3 = fma(x4.w, w.w, fma(x4.z, w.z, fma(x4.y, w.y, fma(x4.x, w.x, a4_3))));
        a5_3 = fma(x5.w, w.w, fma(x5.z, w.z, fma(x5.y, w.y, fma(x5.x, w.x, a5_3))));
        a6_3 = fma(x6.w, w.w, fma(x6.z, w.z, fma(x6.y, w.y, fma(x6.x, w.x, a6_3))));
        a7_3 = fma(x7.w, w.w, fma(x7.z, w.z, fma(x7.y, w.y, fma(x7.x, w.x, a7_3))));
      }
      { let w = weight(wb + 4u * sizes.rowStride);
        a0_4 = fma(x0.w, w.w, fma(x0.z, w.z, fma(x0.y, w.y, fma(x0.x, w.x, a0_4))));
        a1_4 = fma(x1.w, w.w, fma(x1.z, w.z, fma(x1.y, w.y, fma(x1.x, w.x, a1_4))));
        a2_4 = fma(x2.w, w.w, fma(x2.z, w.z, fma(x2.y, w.y, fma(x2.x, w.x, a2_4))));
        a3_4 = fma(x3.w, w.w, fma(x3.z, w.z, fma(x3.y, w.y, fma(x3.x, w.x, a3_4))));
        a4_4 = fma(x4.w, w.w, fma(x4.z, w.z, fma(x4.y, w.y, fma(x4.x, w.x, a4_4))));
        a5_4 = fma(x5.w, w.w, fma(x5.z, w.z, fma(x5.y, w.y, fma(x5.x, w.x, a5_4))));
        a6_4 = fma(x6.w, w.w, fma(x6.z, w.z, fma(x6.y, w.y, fma(x6.x, w.x, a6_4))));
        a7_4 = fma(x7.w, w.w, fma(x7.z, w.z, fma(x7.y, w.y, fma(x7.x, w.x, a7_4))));
      }
      { let w = weight(wb + 5u * sizes.rowStride);
        a0_5 = fma(x0.w, w.w, fma(x0.z, w.z, fma(x0.y, w.y, fma(x0.x, w.x, a0_5))));
        a1_5 = fma(x1.w, w.w, fma(x1.z, w.z, fma(x1.y, w.y, fma(x1.x, w.x, a1_5))));
        a2_5 = fma(x2.w, w.w, fma(x2.z, w.z, fma(x2.y, w.y, fma(x2.x, w.x, a2_5))));
        a3_5 = fma(x3.w, w.w, fma(x3.z, w.z, fma(x3.y, w.y, fma(x3.x, w.x, a3_5))));
        a4_5 = fma(x4.w, w.w, fma(x4.z, w.z, fma(x4.y, w.y, fma(x4.x, w.x, a4_5))));
        a5_5 = fma(x5.w, w.w, fma(x5.z, w.z, fma(x5.y, w.y, fma(x5.x, w.x, a5_5))));
        a6_5 = fma(x6.w, w.w, fma(x6.z, w.z, fma(x6.y, w.y, fma(x6.x, w.x, a6_5))));
        a7_5 = fma(x7.w, w.w, fma(x7.z, w.z, fma(x7.y, w.y, fma(x7.x, w.x, a7_5))));
      }
      { let w = weight(wb + 6u * sizes.rowStride);
        a0_6 = fma(x0.w, w.w, fma(x0.z, w.z, fma(x0.y, w.y, fma(x0.x, w.x, a0_6))));
        a1_6 = fma(x1.w, w.w, fma(x1.z, w.z, fma(x1.y, w.y, fma(x1.x, w.x, a1_6))));
        a2_6 = fma(x2.w, w.w, fma(x2.z, w.z, fma(x2.y, w.y, fma(x2.x, w.x, a2_6))));
        a3_6 = fma(x3.w, w.w, fma(x3.z, w.z, fma(x3.y, w.y, fma(x3.x, w.x, a3_6))));
        a4_6 = fma(x4.w, w.w, fma(x4.z, w.z, fma(x4.y, w.y, fma(x4.x, w.x, a4_6))));
        a5_6 = fma(x5.w, w.w, fma(x5.z, w.z, fma(x5.y, w.y, fma(x5.x, w.x, a5_6))));
        a6_6 = fma(x6.w, w.w, fma(x6.z, w.z, fma(x6.y, w.y, fma(x6.x, w.x, a6_6))));
        a7_6 = fma(x7.w, w.w, fma(x7.z, w.z, fma(x7.y, w.y, fma(x7.x, w.x, a7_6))));
      }
      { let w = weight(wb + 7u * sizes.rowStride);
        a0_7 = fma(x0.w, w.w, fma(x0.z, w.z, fma(x0.y, w.y, fma(x0.x, w.x, a0_7))));
        a1_7 = fma(x1.w, w.w, fma(x1.z, w.z, fma(x1.y, w.y, fma(x1.x, w.x, a1_7))));
        a2_7 = fma(x2.w, w.w, fma(x2.z, w.z, fma(x2.y, w.y, fma(x2.x, w.x, a2_7))));
        a3_7 = fma(x3.w, w.w, fma(x3.z, w.z, fma(x3.y, w.y, fma(x3.x, w.x, a3_7))));
        a4_7 = fma(x4.w, w.w, fma(x4.z, w.z, fma(x4.y, w.y, fma(x4.x, w.x, a4_7))));
        a5_7 = fma(x5.w, w.w, fma(x5.z, w.z, fma(x5.y, w.y, fma(x5.x, w.x, a5_7))));
        a6_7 = fma(x6.w, w.w, fma(x6.z, w.z, fma(x6.y, w.y, fma(x6.x, w.x, a6_7))));
        a7_7 = fma(x7.w, w.w, fma(x7.z, w.z, fma(x7.y, w.y, fma(x7.x, w.x, a7_7))));
      }
      { let w = weight(wb + 8u * sizes.rowStride);
        a0_8 = fma(x0.w, w.w, fma(x0.z, w.z, fma(x0.y, w.y, fma(x0.x, w.x, a0_8))));
        a1_8 = fma(x1.w, w.w, fma(x1.z, w.z, fma(x1.y, w.y, fma(x1.x, w.x, a1_8))));
        a2_8 = fma(x2.w, w.w, fma(x2.z, w.z, fma(x2.y, w.y, fma(x2.x, w.x, a2_8))));
        a3_8 = fma(x3.w, w.w, fma(x3.z, w.z, fma(x3.y, w.y, fma(x3.x, w.x, a3_8))));
        a4_8 = fma(x4.w, w.w, fma(x4.z, w.z, fma(x4.y, w.y, fma(x4.x, w.x, a4_8))));
        a5_8 = fma(x5.w, w.w, fma(x5.z, w.z, fma(x5.y, w.y, fma(x5.x, w.x, a5_8))));
        a6_8 = fma(x6.w, w.w, fma(x6.z, w.z, fma(x6.y, w.y, fma(x6.x, w.x, a6_8))));
        a7_8 = fma(x7.w, w.w, fma(x7.z, w.z, fma(x7.y, w.y, fma(x7.x, w.x, a7_8))));
      }
      { let w = weight(wb + 9u * sizes.rowStride);
        a0_9 = fma(x0.w, w.w, fma(x0.z, w.z, fma(x0.y, w.y, fma(x0.x, w.x, a0_9))));
        a1_9 = fma(x1.w, w.w, fma(x1.z, w.z, fma(x1.y, w.y, fma(x1.x, w.x, a1_9))));
        a2_9 = fma(x2.w, w.w, fma(x2.z, w.z, fma(x2.y, w.y, fma(x2.x, w.x, a2_9))));
        a3_9 = fma(x3.w, w.w, fma(x3.z, w.z, fma(x3.y, w.y, fma(x3.x, w.x, a3_9))));
        a4_9 = fma(x4.w, w.w, fma(x4.z, w.z, fma(x4.y, w.y, fma(x4.x, w.x, a4_9))));
        a5_9 = fma(x5.w, w.w, fma(x5.z, w.z, fma(x5.y, w.y, fma(x5.x, w.x, a5_9))));
        a6_9 = fma(x6.w, w.w, fma(x6.z, w.z, fma(x6.y, w.y, fma(x6.x, w.x, a6_9))));
        a7_9 = fma(x7.w, w.w, fma(x7.z, w.z, fma(x7.y, w.y, fma(x7.x, w.x, a7_9))));
      }
      { let w = weight(wb + 10u * sizes.rowStride);
        a0_10 = fma(x0.w, w.w, fma(x0.z, w.z, fma(x0.y, w.y, fma(x0.x, w.x, a0_10))));
        a1_10 = fma(x1.w, w.w, fma(x1.z, w.z, fma(x1.y, w.y, fma(x1.x, w.x, a1_10))));
        a2_10 = fma(x2.w, w.w, fma(x2.z, w.z, fma(x2.y, w.y, fma(x2.x, w.x, a2_10))));
        a3_10 = fma(x3.w, w.w, fma(x3.z, w.z, fma(x3.y, w.y, fma(x3.x, w.x, a3_10))));
        a4_10 = fma(x4.w, w.w, fma(x4.z, w.z, fma(x4.y, w.y, fma(x4.x, w.x, a4_10))));
        a5_10 = fma(x5.w, w.w, fma(x5.z, w.z, fma(x5.y, w.y, fma(x5.x, w.x, a5_10))));
        a6_10 = fma(x6.w, w.w, fma(x6.z, w.z, fma(x6.y, w.y, fma(x6.x, w.x, a6_10))));
        a7_10 = fma(x7.w, w.w, fma(x7.z, w.z, fma(x7.y, w.y, fma(x7.x, w.x, a7_10))));
      }
      { let w = weight(wb + 11u * sizes.rowStride);
        a0_11 = fma(x0.w, w.w, fma(x0.z, w.z, fma(x0.y, w.y, fma(x0.x, w.x, a0_11))));
        a1_11 = fma(x1.w, w.w, fma(x1.z, w.z, fma(x1.y, w.y, fma(x1.x, w.x, a1_11))));
        a2_11 = fma(x2.w, w.w, fma(x2.z, w.z, fma(x2.y, w.y, fma(x2.x, w.x, a2_11))));
        a3_11 = fma(x3.w, w.w, fma(x3.z, w.z, fma(x3.y, w.y, fma(x3.x, w.x, a3_11))));
        a4_11 = fma(x4.w, w.w, fma(x4.z, w.z, fma(x4.y, w.y, fma(x4.x, w.x, a4_11))));
        a5_11 = fma(x5.w, w.w, fma(x5.z, w.z, fma(x5.y, w.y, fma(x5.x, w.x, a5_11))));
        a6_11 = fma(x6.w, w.w, fma(x6.z, w.z, fma(x6.y, w.y, fma(x6.x, w.x, a6_11))));
        a7_11 = fma(x7.w, w.w, fma(x7.z, w.z, fma(x7.y, w.y, fma(x7.x, w.x, a7_11))));
      }
      { let w = weight(wb + 12u * sizes.rowStride);
        a0_12 = fma(x0.w, w.w, fma(x0.z, w.z, fma(x0.y, w.y, fma(x0.x, w.x, a0_12))));
        a1_12 = fma(x1.w, w.w, fma(x1.z, w.z, fma(x1.y, w.y, fma(x1.x, w.x, a1_12))));
        a2_12 = fma(x2.w, w.w, fma(x2.z, w.z, fma(x2.y, w.y, fma(x2.x, w.x, a2_12))));
        a3_12 = fma(x3.w, w.w, fma(x3.z, w.z, fma(x3.y, w.y, fma(x3.x, w.x, a3_12))));
        a4_12 = fma(x4.w, w.w, fma(x4.z, w.z, fma(x4.y, w.y, fma(x4.x, w.x, a4_12))));
        a5_12 = fma(x5.w, w.w, fma(x5.z, w.z, fma(x5.y, w.y, fma(x5.x, w.x, a5_12))));
        a6_12 = fma(x6.w, w.w, fma(x6.z, w.z, fma(x6.y, w.y, fma(x6.x, w.x, a6_12))));
        a7_12 = fma(x7.w, w.w, fma(x7.z, w.z, fma(x7.y, w.y, fma(x7.x, w.x, a7_12))));
      }
      { let w = weight(wb + 13u * sizes.rowStride);
        a0_13 = fma(x0.w, w.w, fma(x0.z, w.z, fma(x0.y, w.y, fma(x0.x, w.x, a0_13))));
        a1_13 = fma(x1.w, w.w, fma(x1.z, w.z, fma(x1.y, w.y, fma(x1.x, w.x, a1_13))));
        a2_13 = fma(x2.w, w.w, fma(x2.z, w.z, fma(x2.y, w.y, fma(x2.x, w.x, a2_13))));
        a3_13 = fma(x3.w, w.w, fma(x3.z, w.z, fma(x3.y, w.y, fma(x3.x, w.x, a3_13))));
        a4_13 = fma(x4.w, w.w, fma(x4.z, w.z, fma(x4.y, w.y, fma(x4.x, w.x, a4_13))));
        a5_13 = fma(x5.w, w.w, fma(x5.z, w.z, fma(x5.y, w.y, fma(x5.x, w.x, a5_13))));
        a6_13 = fma(x6.w, w.w, fma(x6.z, w.z, fma(x6.y, w.y, fma(x6.x, w.x, a6_13))));
        a7_13 = fma(x7.w, w.w, fma(x7.z, w.z, fma(x7.y, w.y, fma(x7.x, w.x, a7_13))));
      }
      { let w = weight(wb + 14u * sizes.rowStride);
        a0_14 = fma(x0.w, w.w, fma(x0.z, w.z, fma(x0.y, w.y, fma(x0.x, w.x, a0_14))));
        a1_14 = fma(x1.w, w.w, fma(x1.z, w.z, fma(x1.y, w.y, fma(x1.x, w.x, a1_14))));
        a2_14 = fma(x2.w, w.w, fma(x2.z, w.z, fma(x2.y, w.y, fma(x2.x, w.x, a2_14))));
        a3_14 = fma(x3.w, w.w, fma(x3.z, w.z, fma(x3.y, w.y, fma(x3.x, w.x, a3_14))));
        a4_14 = fma(x4.w, w.w, fma(x4.z, w.z, fma(x4.y, w.y, fma(x4.x, w.x, a4_14))));
        a5_14 = fma(x5.w, w.w, fma(x5.z, w.z, fma(x5.y, w.y, fma(x5.x, w.x, a5_14))));
        a6_14 = fma(x6.w, w.w, fma(x6.z, w.z, fma(x6.y, w.y, fma(x6.x, w.x, a6_14))));
        a7_14 = fma(x7.w, w.w, fma(x7.z, w.z, fma(x7.y, w.y, fma(x7.x, w.x, a7_14))));
      }
      { let w = weight(wb + 15u * sizes.rowStride);
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
    kx++;
    if (kx == sizes.kernelWidth) { kx = 0u; ky++; }
  }
  let quarter = sizes.channels / 4u;
  {
    let column = u32(column0) * sizes.phases + phaseX; let row = u32(row0) * sizes.phases + phaseY;
    let at = ((image0 * sizes.height + row) * sizes.width + column) * quarter + tile * 4u;
    if (first + 0u < sizes.pixels && column < sizes.width && row < sizes.height) {
      if (tile * 4u + 0u < quarter) { y[at + 0u] = vec4f(a0_0, a0_1, a0_2, a0_3); }
      if (tile * 4u + 1u < quarter) { y[at + 1u] = vec4f(a0_4, a0_5, a0_6, a0_7); }
      if (tile * 4u + 2u < quarter) { y[at + 2u] = vec4f(a0_8, a0_9, a0_10, a0_11); }
      if (tile * 4u + 3u < quarter) { y[at + 3u] = vec4f(a0_12, a0_13, a0_14, a0_15); }
    }
  }
  {
    let column = u32(column1) * sizes.phases + phaseX; let row = u32(row1) * sizes.phases + phaseY;
    let at = ((image1 * sizes.height + row) * sizes.width + column) * quarter + tile * 4u;
    if (first + 8u < sizes.pixels && column < sizes.width && row < sizes.height) {
      if (tile * 4u + 0u < quarter) { y[at + 0u] = vec4f(a1_0, a1_1, a1_2, a1_3); }
      if (tile * 4u + 1u < quarter) { y[at + 1u] = vec4f(a1_4, a1_5, a1_6, a1_7); }
      if (tile * 4u + 2u < quarter) { y[at + 2u] = vec4f(a1_8, a1_9, a1_10, a1_11); }
      if (tile * 4u + 3u < quarter) { y[at + 3u] = vec4f(a1_12, a1_13, a1_14, a1_15); }
    }
  }
  {
    let column = u32(column2) * sizes.phases + phaseX; let row = u32(row2) * sizes.phases + phaseY;
    let at = ((image2 * sizes.height + row) * sizes.width + column) * quarter + tile * 4u;
    if (first + 16u < sizes.pixels && column < sizes.width && row < sizes.height) {
      if (tile * 4u + 0u < quarter) { y[at + 0u] = vec4f(a2_0, a2_1, a2_2, a2_3); }
      if (tile * 4u + 1u < quarter) { y[at + 1u] = vec4f(a2_4, a2_5, a2_6, a2_7); }
      if (tile * 4u + 2u < quarter) { y[at + 2u] = vec4f(a2_8, a2_9, a2_10, a2_11); }
      if (tile * 4u + 3u < quarter) { y[at + 3u] = vec4f(a2_12, a2_13, a2_14, a2_15); }
    }
  }
  {
    let column = u32(column3) * sizes.phases + phaseX; let row = u32(row3) * sizes.phases + phaseY;
    let at = ((image3 * sizes.height + row) * sizes.width + column) * quarter + tile * 4u;
    if (first + 24u < sizes.pixels && column < sizes.width && row < sizes.height) {
      if (tile * 4u + 0u < quarter) { y[at + 0u] = vec4f(a3_0, a3_1, a3_2, a3_3); }
      if (tile * 4u + 1u < quarter) { y[at + 1u] = vec4f(a3_4, a3_5, a3_6, a3_7); }
      if (tile * 4u + 2u < quarter) { y[at + 2u] = vec4f(a3_8, a3_9, a3_10, a3_11); }
      if (tile * 4u + 3u < quarter) { y[at + 3u] = vec4f(a3_12, a3_13, a3_14, a3_15); }
    }
  }
  {
    let column = u32(column4) * sizes.phases + phaseX; let row = u32(row4) * sizes.phases + phaseY;
    let at = ((image4 * sizes.height + row) * sizes.width + column) * quarter + tile * 4u;
    if (first + 32u < sizes.pixels && column < sizes.width && row < sizes.height) {
      if (tile * 4u + 0u < quarter) { y[at + 0u] = vec4f(a4_0, a4_1, a4_2, a4_3); }
      if (tile * 4u + 1u < quarter) { y[at + 1u] = vec4f(a4_4, a4_5, a4_6, a4_7); }
      if (tile * 4u + 2u < quarter) { y[at + 2u] = vec4f(a4_8, a4_9, a4_10, a4_11); }
      if (tile * 4u + 3u < quarter) { y[at + 3u] = vec4f(a4_12, a4_13, a4_14, a4_15); }
    }
  }
  {
    let column = u32(column5) * sizes.phases + phaseX; let row = u32(row5) * sizes.phases + phaseY;
    let at = ((image5 * sizes.height + row) * sizes.width + column) * quarter + tile * 4u;
    if (first + 40u < sizes.pixels && column < sizes.width && row < sizes.height) {
      if (tile * 4u + 0u < quarter) { y[at + 0u] = vec4f(a5_0, a5_1, a5_2, a5_3); }
      if (tile * 4u + 1u < quarter) { y[at + 1u] = vec4f(a5_4, a5_5, a5_6, a5_7); }
      if (tile * 4u + 2u < quarter) { y[at + 2u] = vec4f(a5_8, a5_9, a5_10, a5_11); }
      if (tile * 4u + 3u < quarter) { y[at + 3u] = vec4f(a5_12, a5_13, a5_14, a5_15); }
    }
  }
  {
    let column = u32(column6) * sizes.phases + phaseX; let row = u32(row6) * sizes.phases + phaseY;
    let at = ((image6 * sizes.height + row) * sizes.width + column) * quarter + tile * 4u;
    if (first + 48u < sizes.pixels && column < sizes.width && row < sizes.height) {
      if (tile * 4u + 0u < quarter) { y[at + 0u] = vec4f(a6_0, a6_1, a6_2, a6_3); }
      if (tile * 4u + 1u < quarter) { y[at + 1u] = vec4f(a6_4, a6_5, a6_6, a6_7); }
      if (tile * 4u + 2u < quarter) { y[at + 2u] = vec4f(a6_8, a6_9, a6_10, a6_11); }
      if (tile * 4u + 3u < quarter) { y[at + 3u] = vec4f(a6_12, a6_13, a6_14, a6_15); }
    }
  }
  {
    let column = u32(column7) * sizes.phases + phaseX; let row = u32(row7) * sizes.phases + phaseY;
    let at = ((image7 * sizes.height + row) * sizes.width + column) * quarter + tile * 4u;
    if (first + 56u < sizes.pixels && column < sizes.width && row < sizes.height) {
      if (tile * 4u + 0u < quarter) { y[at + 0u] = vec4f(a7_0, a7_1, a7_2, a7_3); }
      if (tile * 4u + 1u < quarter) { y[at + 1u] = vec4f(a7_4, a7_5, a7_6, a7_7); }
      if (tile * 4u + 2u < quarter) { y[at + 2u] = vec4f(a7_8, a7_9, a7_10, a7_11); }
      if (tile * 4u + 3u < quarter) { y[at + 3u] = vec4f(a7_12, a7_13, a7_14, a7_15); }
    }
  }
}
