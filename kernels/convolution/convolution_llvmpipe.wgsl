// y[p, o] = bias[o] + sum over taps and channels of x[source(p, tap), c] · w[o, tap, c], channels-last.
// A thread computes PIXELS pixels × CHANNELS output channels; the 8 threads of a workgroup are the lanes of one SIMD register
// and take neighbouring pixels. Operands come from textures (24 cycles a load, a buffer's 700). A tap outside of the image
// reads some pixel inside of it and counts 0 times: a branch would cost more.
// The data gradient is the same sum with out and in exchanged. Where the convolution has a stride, the pixels of the result
// fall into stride² phases by their remainders: within a phase a tap meets all pixels or none. llvmpipe hands each core one
// contiguous part of the workgroups, so the phases, whose work differs, come first and the blocks of pixels last.
const PIXELS: u32 = 8u;
const CHANNELS: u32 = 16u;
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
@group(0) @binding(1) var<storage, read> x: array<vec4f>; // [N · sourceHeight · sourceWidth, groups]
@group(0) @binding(2) var<storage, read> weights: array<vec4f>; // [tiles, taps, groups, CHANNELS], or as the strides say
@group(0) @binding(3) var<storage, read> bias: array<vec4f>; // [channels / 4], not looked at unless biased
@group(0) @binding(4) var<storage, read_write> y: array<vec4f>; // [pixels, channels / 4]

// Integer division on SIMD lanes goes lane by lane, 200 cycles; by floats it costs 10.
fn divide(a: u32, b: u32) -> u32 {
  let q = u32(f32(a) / f32(b));
  let rest = i32(a - q * b); // rounding leaves q at most one off
  return select(select(q, q + 1u, rest >= i32(b)), q - 1u, rest < 0);
}

@compute @workgroup_size(8)
fn convolution(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u) {
  let tile = group.y; // before the pixels, so that those stay in the cache
  let first = group.z * 8u * PIXELS + local.x;
  let phaseY = divide(group.x, sizes.phases);
  let phaseX = group.x - phaseY * sizes.phases;
  var image: array<u32, PIXELS>;
  var row: array<i32, PIXELS>;
  var column: array<i32, PIXELS>;
  for (var p = 0u; p < PIXELS; p++) { // unrolled
    let i = min(first + 8u * p, sizes.pixels - 1u);
    let line = divide(i, sizes.phaseWidth);
    image[p] = divide(line, sizes.phaseHeight);
    row[p] = i32(line - image[p] * sizes.phaseHeight);
    column[p] = i32(i - line * sizes.phaseWidth);
  }
  var acc: array<array<f32, CHANNELS>, PIXELS>;
  for (var q = 0u; q < CHANNELS / 4u; q++) { // unrolled
    let start = select(vec4f(0.0), bias[tile * (CHANNELS / 4u) + q], sizes.biased == 1u);
    for (var p = 0u; p < PIXELS; p++) { // unrolled
      acc[p][4u * q] = start.x;
      acc[p][4u * q + 1u] = start.y;
      acc[p][4u * q + 2u] = start.z;
      acc[p][4u * q + 3u] = start.w;
    }
  }
  var kx = 0u;
  var ky = 0u;
  for (var tap = 0u; tap < sizes.taps; tap++) {
    let shiftX = i32(phaseX) + sizes.offset + i32(kx) * sizes.step;
    let shiftY = i32(phaseY) + sizes.offset + i32(ky) * sizes.step;
    let tapX = i32(floor((f32(shiftX) + 0.5) / f32(sizes.phases)));
    let tapY = i32(floor((f32(shiftY) + 0.5) / f32(sizes.phases)));
    // A loop of no rounds skips the tap; llvmpipe computes both sides of an if.
    let meets = tapX * i32(sizes.phases) == shiftX && tapY * i32(sizes.phases) == shiftY;
    let end = select(0u, sizes.groups, meets);
    var counts: array<f32, PIXELS>;
    var at: array<u32, PIXELS>;
    for (var p = 0u; p < PIXELS; p++) { // unrolled
      let sx = column[p] * sizes.multiplier + tapX;
      let sy = row[p] * sizes.multiplier + tapY;
      let inside = sx >= 0 && sy >= 0 && sx < i32(sizes.sourceWidth) && sy < i32(sizes.sourceHeight);
      counts[p] = select(0.0, 1.0, inside);
      let pixel = (image[p] * sizes.sourceHeight + u32(sy)) * sizes.sourceWidth + u32(sx);
      at[p] = select(0u, pixel * sizes.groups, inside);
    }
    let weightBase = tile * sizes.tileStride + tap * sizes.tapStride;
    for (var k = 0u; k < end; k++) {
      var pixel: array<vec4f, PIXELS>;
      for (var p = 0u; p < PIXELS; p++) { // unrolled
        pixel[p] = x[at[p] + k] * counts[p];
      }
      for (var q = 0u; q < CHANNELS; q++) { // unrolled
        let w = weights[weightBase + k * sizes.groupStride + q * sizes.rowStride];
        for (var p = 0u; p < PIXELS; p++) { // unrolled
          acc[p][q] = fma(pixel[p].w, w.w, fma(pixel[p].z, w.z, fma(pixel[p].y, w.y, fma(pixel[p].x, w.x, acc[p][q]))));
        }
      }
    }
    kx++;
    if (kx == sizes.kernelWidth) { kx = 0u; ky++; }
  }
  let quarter = sizes.channels / 4u;
  for (var p = 0u; p < PIXELS; p++) { // unrolled
    let resultX = u32(column[p]) * sizes.phases + phaseX;
    let resultY = u32(row[p]) * sizes.phases + phaseY;
    let result = ((image[p] * sizes.height + resultY) * sizes.width + resultX) * quarter + tile * (CHANNELS / 4u);
    if (first + 8u * p < sizes.pixels && resultX < sizes.width && resultY < sizes.height) {
      for (var q = 0u; q < CHANNELS / 4u; q++) { // unrolled
        if (tile * (CHANNELS / 4u) + q < quarter) {
          y[result + q] = vec4f(acc[p][4u * q], acc[p][4u * q + 1u], acc[p][4u * q + 2u], acc[p][4u * q + 3u]);
        }
      }
    }
  }
}
