// y[p, o] = bias[o] + sum over taps and channels of x[source(p, tap), c] · w[o, tap, c], channels-last. A workgroup is one subgroup
// of 8 and computes PIXELS pixels × 8 · CHANNELS output channels. A lane holds CHANNELS channels, of which each four that follow
// each other are one vec4 of y, and loads their weights. Pixels are loaded once for all lanes, each lane another part of them,
// and handed round: a load for 8 lanes costs llvmpipe 24 cycles, a hand-round one. A tap outside of the image reads some pixel
// inside of it and counts 0 times: a branch would cost more.
// The data gradient is the same sum with out and in exchanged. Where the convolution has a stride, the pixels of the result
// fall into stride² phases by their remainders: within a phase a tap meets all pixels or none. llvmpipe hands each core one
// contiguous part of the workgroups, so the phases, whose work differs, come first and the blocks of pixels last.
// Sums run over taps, then channels, in order whatever the tile, so that every tile gives the same bits.
const PIXELS: u32 = 8u;
const CHANNELS: u32 = 8u; // a multiple of 4
const TOGETHER: u32 = 1u; // vec4s of input channels in a round, which divide their number
const TEXELS: u32 = PIXELS * TOGETHER; // of x in a round
const LOADS: u32 = (TEXELS + 7u) / 8u;
const QUADS: u32 = CHANNELS / 4u;
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
@group(0) @binding(2) var<storage, read> weights: array<vec4f>; // [tiles, taps, groups, 16], or as the strides say
@group(0) @binding(3) var<storage, read> bias: array<vec4f>; // [channels / 4], not looked at unless biased
@group(0) @binding(4) var<storage, read_write> y: array<vec4f>; // [pixels, channels / 4]

// Integer division on SIMD lanes goes lane by lane, 200 cycles; by floats it costs 10.
fn divide(a: u32, b: u32) -> u32 {
  let q = u32(f32(a) / f32(b));
  let rest = i32(a - q * b); // rounding leaves q at most one off
  return select(select(q, q + 1u, rest >= i32(b)), q - 1u, rest < 0);
}

@compute @workgroup_size(8)
fn convolution(@builtin(workgroup_id) group: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let firstChannel = group.y * 8u * CHANNELS + 4u * lane; // and those 32, 64, … after it
  let firstPixel = group.z * PIXELS;
  let phaseY = divide(group.x, sizes.phases);
  let phaseX = group.x - phaseY * sizes.phases;
  // Texel i of a round is of pixel i / TOGETHER. Pixels and channels beyond the last are read where the last are.
  var image: array<u32, LOADS>;
  var row: array<i32, LOADS>;
  var column: array<i32, LOADS>;
  for (var l = 0u; l < LOADS; l++) { // unrolled
    let i = min(firstPixel + min(8u * l + lane, TEXELS - 1u) / TOGETHER, sizes.pixels - 1u);
    let line = divide(i, sizes.phaseWidth);
    image[l] = divide(line, sizes.phaseHeight);
    row[l] = i32(line - image[l] * sizes.phaseHeight);
    column[l] = i32(i - line * sizes.phaseWidth);
  }
  var atWeights: array<u32, QUADS>;
  var acc: array<array<f32, CHANNELS>, PIXELS>;
  for (var q = 0u; q < QUADS; q++) { // unrolled
    let channel = min(firstChannel + 32u * q, sizes.channels - 4u);
    atWeights[q] = channel / 16u * sizes.tileStride + channel % 16u * sizes.rowStride;
    let first = select(vec4f(0.0), bias[channel / 4u], sizes.biased == 1u);
    for (var p = 0u; p < PIXELS; p++) { // unrolled
      for (var c = 0u; c < 4u; c++) { // unrolled
        acc[p][4u * q + c] = first[c];
      }
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
    var counts: array<f32, LOADS>;
    var at: array<u32, LOADS>;
    for (var l = 0u; l < LOADS; l++) { // unrolled
      let sx = column[l] * sizes.multiplier + tapX;
      let sy = row[l] * sizes.multiplier + tapY;
      let inside = sx >= 0 && sy >= 0 && sx < i32(sizes.sourceWidth) && sy < i32(sizes.sourceHeight);
      counts[l] = select(0.0, 1.0, inside);
      let pixel = (image[l] * sizes.sourceHeight + u32(sy)) * sizes.sourceWidth + u32(sx);
      at[l] = select(0u, pixel * sizes.groups, inside) + min(8u * l + lane, TEXELS - 1u) % TOGETHER;
    }
    for (var k = 0u; k < end; k += TOGETHER) {
      var ofX: array<vec4f, LOADS>;
      for (var l = 0u; l < LOADS; l++) { // unrolled
        ofX[l] = x[at[l] + k] * counts[l];
      }
      for (var u = 0u; u < TOGETHER; u++) { // unrolled
        let base = tap * sizes.tapStride + (k + u) * sizes.groupStride;
        var w: array<vec4f, CHANNELS>;
        for (var v = 0u; v < CHANNELS; v++) { // unrolled
          w[v] = weights[atWeights[v / 4u] + (base + v % 4u * sizes.rowStride)];
        }
        for (var p = 0u; p < PIXELS; p++) { // unrolled
          for (var c = 0u; c < 4u; c++) { // unrolled
            let value = subgroupShuffle(ofX[(p * TOGETHER + u) / 8u][c], (p * TOGETHER + u) % 8u);
            for (var v = 0u; v < CHANNELS; v++) { // unrolled
              acc[p][v] = fma(value, w[v][c], acc[p][v]);
            }
          }
        }
      }
    }
    kx++;
    if (kx == sizes.kernelWidth) { kx = 0u; ky++; }
  }
  for (var p = 0u; p < PIXELS; p++) { // unrolled
    let i = firstPixel + p;
    let line = i / sizes.phaseWidth; // the same for all lanes
    let imageOf = line / sizes.phaseHeight;
    let resultX = (i - line * sizes.phaseWidth) * sizes.phases + phaseX;
    let resultY = (line - imageOf * sizes.phaseHeight) * sizes.phases + phaseY;
    let result = ((imageOf * sizes.height + resultY) * sizes.width + resultX) * sizes.channels;
    for (var q = 0u; q < QUADS; q++) { // unrolled
      let channel = firstChannel + 32u * q;
      if (i < sizes.pixels && resultX < sizes.width && resultY < sizes.height && channel < sizes.channels) {
        y[(result + channel) / 4u] = vec4f(acc[p][4u * q], acc[p][4u * q + 1u], acc[p][4u * q + 2u], acc[p][4u * q + 3u]);
      }
    }
  }
}
