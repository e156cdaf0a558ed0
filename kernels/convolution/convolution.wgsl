// y[p, o] = bias[o] + sum over taps and channels of x[source(p, tap), c] · w[o, tap, c], channels-last: a product of pixels by output
// channels whose inner sum runs over taps and channels, without an image of the taps. A workgroup computes ROWS pixels × COLUMNS
// output channels, a thread 4 · ROW_QUADS × 4 · COLUMN_QUADS of them in registers. DEPTH numbers of the inner sum at a time lie in
// workgroup memory, which is there twice: the next ones are on their way while these are multiplied. A thread loads the same four
// of every DEPTH numbers and walks over taps and channels with them, so that places are computed once a tap.
// The data gradient is the same sum with out and in exchanged. Where the convolution has a stride, the pixels of the result fall
// into stride² phases (workgroup z) by their remainders: within a phase a tap meets all pixels or none, and is skipped.
// Sums run over taps, then channels, in order whatever the tile, so that every tile gives the same bits.
const ROWS: u32 = 128u; // pixels of a tile
const COLUMNS: u32 = 128u; // output channels of a tile
const DEPTH: u32 = 8u; // a multiple of 4
const ROW_QUADS: u32 = 2u;
const COLUMN_QUADS: u32 = 2u;
const THREADS: u32 = 256u; // ROWS / (4 · ROW_QUADS) · COLUMNS / (4 · COLUMN_QUADS)
const QUADS_X: u32 = ROWS / 4u; // of a tile
const QUADS_W: u32 = COLUMNS / 4u;
const WIDE: u32 = QUADS_W / COLUMN_QUADS; // threads along the channels
const HIGH: u32 = QUADS_X / ROW_QUADS; // threads along the pixels
const FOURS: u32 = DEPTH / 4u;
const LOADS_X: u32 = (QUADS_X * DEPTH + THREADS - 1u) / THREADS; // vec4s that a thread loads in a round
const LOADS_W: u32 = (QUADS_W * DEPTH + THREADS - 1u) / THREADS;
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

var<workgroup> tileX: array<vec4f, 2u * QUADS_X * DEPTH>; // [2, DEPTH, QUADS_X]: four channels of each fourth pixel
var<workgroup> tileW: array<vec4f, 2u * QUADS_W * DEPTH>;

// Where in the source a tap lies, times the phases.
fn shiftOf(tap: u32, phase: vec2i) -> vec2i {
  return phase + sizes.offset + vec2i(vec2u(tap % sizes.kernelWidth, tap / sizes.kernelWidth)) * sizes.step;
}

fn meets(tap: u32, phase: vec2i) -> bool {
  return all(shiftOf(tap, phase) % vec2i(i32(sizes.phases)) == vec2i(0));
}

@compute @workgroup_size(THREADS)
fn convolution(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let across = local % WIDE;
  let down = local / WIDE;
  let firstPixel = group.x * ROWS;
  let firstChannel = group.y * COLUMNS;
  let phase = vec2i(vec2u(group.z % sizes.phases, group.z / sizes.phases));
  let extent = vec2i(vec2u(sizes.sourceWidth, sizes.sourceHeight));
  var taps = 0u; // that meet the phase
  for (var i = 0u; i < sizes.taps; i++) { taps += select(0u, 1u, meets(i, phase)); }

  // vec4 i of a round is of pixel or channel i / FOURS, and of four input channels number i % FOURS.
  var position: array<vec2i, LOADS_X>;
  var image: array<u32, LOADS_X>; // its first row in the source
  var placeX: array<u32, LOADS_X>;
  var insideX: array<bool, LOADS_X>;
  for (var l = 0u; l < LOADS_X; l++) { // unrolled
    let i = local + l * THREADS;
    let p = firstPixel + i / FOURS;
    let line = p / sizes.phaseWidth;
    position[l] = vec2i(vec2u(p % sizes.phaseWidth, line % sizes.phaseHeight)) * sizes.multiplier;
    image[l] = line / sizes.phaseHeight * sizes.sourceHeight;
    placeX[l] = (i % FOURS * 4u + i / FOURS % 4u) * QUADS_X + i / FOURS / 4u;
    insideX[l] = p < sizes.pixels;
  }
  var row: array<u32, LOADS_W>; // of the weights
  var placeW: array<u32, LOADS_W>;
  var insideW: array<bool, LOADS_W>;
  for (var l = 0u; l < LOADS_W; l++) { // unrolled
    let i = local + l * THREADS;
    let channel = firstChannel + i / FOURS;
    row[l] = channel / 16u * sizes.tileStride + channel % 16u * sizes.rowStride;
    placeW[l] = (i % FOURS * 4u + i / FOURS % 4u) * QUADS_W + i / FOURS / 4u;
    insideW[l] = channel < sizes.channels;
  }

  var acc: array<array<f32, 4u * COLUMN_QUADS>, 4u * ROW_QUADS>;
  for (var q = 0u; q < COLUMN_QUADS; q++) { // unrolled
    let channel = min(firstChannel + 4u * (across + q * WIDE), sizes.channels - 4u);
    let first = select(vec4f(0.0), bias[channel / 4u], sizes.biased == 1u);
    for (var r = 0u; r < 4u * ROW_QUADS; r++) { // unrolled
      for (var v = 0u; v < 4u; v++) { // unrolled
        acc[r][4u * q + v] = first[v];
      }
    }
  }

  // Round i loads the i-th numbers of the inner sum and multiplies those before; the last one loads nothing that counts.
  let rounds = (taps * sizes.groups + FOURS - 1u) / FOURS;
  var tap = 0u;
  while (tap < sizes.taps && !meets(tap, phase)) { tap++; }
  var g = local % FOURS; // of input channels; beyond the last the next tap begins
  var stepped = true;
  var base: array<u32, LOADS_X>;
  var counts: array<bool, LOADS_X>;
  for (var round = 0u; round <= rounds; round++) {
    while (g >= sizes.groups && tap < sizes.taps) {
      g -= sizes.groups;
      tap++;
      while (tap < sizes.taps && !meets(tap, phase)) { tap++; }
      stepped = true;
    }
    if (stepped) {
      stepped = false;
      let shift = shiftOf(tap, phase) / i32(sizes.phases);
      for (var l = 0u; l < LOADS_X; l++) { // unrolled
        let source = position[l] + shift;
        counts[l] = insideX[l] && tap < sizes.taps && all(source >= vec2i(0)) && all(source < extent);
        base[l] = ((image[l] + u32(source.y)) * sizes.sourceWidth + u32(source.x)) * sizes.groups;
      }
    }
    var ofX: array<vec4f, LOADS_X>;
    for (var l = 0u; l < LOADS_X; l++) { // unrolled
      ofX[l] = select(vec4f(0.0), x[select(0u, base[l] + g, counts[l])], counts[l]);
    }
    var ofW: array<vec4f, LOADS_W>;
    for (var l = 0u; l < LOADS_W; l++) { // unrolled
      let known = insideW[l] && tap < sizes.taps;
      ofW[l] = select(
        vec4f(0.0),
        weights[select(0u, row[l] + tap * sizes.tapStride + g * sizes.groupStride, known)],
        known,
      );
    }
    g += FOURS;
    if (round > 0u) {
      let before = (round - 1u) % 2u * DEPTH;
      for (var d = 0u; d < DEPTH; d += 4u) {
        var pixels: array<vec4f, 4u * ROW_QUADS>;
        for (var i = 0u; i < 4u * ROW_QUADS; i++) { // unrolled
          pixels[i] = tileX[(before + d + i % 4u) * QUADS_X + down + i / 4u * HIGH];
        }
        var channels: array<vec4f, 4u * COLUMN_QUADS>;
        for (var i = 0u; i < 4u * COLUMN_QUADS; i++) { // unrolled
          channels[i] = tileW[(before + d + i % 4u) * QUADS_W + across + i / 4u * WIDE];
        }
        for (var c = 0u; c < 4u; c++) { // unrolled
          for (var r = 0u; r < 4u * ROW_QUADS; r++) { // unrolled
            for (var v = 0u; v < 4u * COLUMN_QUADS; v++) { // unrolled
              acc[r][v] = fma(pixels[r][c], channels[v][c], acc[r][v]);
            }
          }
        }
      }
    }
    let here = round % 2u * DEPTH;
    for (var l = 0u; l < LOADS_X; l++) { // unrolled
      if (local + l * THREADS < QUADS_X * DEPTH) { tileX[here * QUADS_X + placeX[l]] = ofX[l]; }
    }
    for (var l = 0u; l < LOADS_W; l++) { // unrolled
      if (local + l * THREADS < QUADS_W * DEPTH) { tileW[here * QUADS_W + placeW[l]] = ofW[l]; }
    }
    workgroupBarrier();
  }

  for (var r = 0u; r < 4u * ROW_QUADS; r++) { // unrolled
    let p = firstPixel + 4u * (down + r / 4u * HIGH) + r % 4u;
    let line = p / sizes.phaseWidth;
    let imageOf = line / sizes.phaseHeight;
    let resultX = (p - line * sizes.phaseWidth) * sizes.phases + u32(phase.x);
    let resultY = (line - imageOf * sizes.phaseHeight) * sizes.phases + u32(phase.y);
    let result = ((imageOf * sizes.height + resultY) * sizes.width + resultX) * sizes.channels;
    for (var q = 0u; q < COLUMN_QUADS; q++) { // unrolled
      let channel = firstChannel + 4u * (across + q * WIDE);
      if (p < sizes.pixels && resultX < sizes.width && resultY < sizes.height && channel < sizes.channels) {
        y[(result + channel) / 4u] = vec4f(acc[r][4u * q], acc[r][4u * q + 1u], acc[r][4u * q + 2u], acc[r][4u * q + 3u]);
      }
    }
  }
}
