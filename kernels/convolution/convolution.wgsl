// y[p, o] = bias[o] + sum over taps and channels of x[source(p, tap), c] · w[o, tap, c], channels-last. A workgroup computes 64 pixels
// × 64 output channels, a thread 4 × 4 of them; 4 groups of 4 channels of both operands at a time lie in workgroup memory,
// so that every load from a buffer serves 64 results. The data gradient is the same sum with out and in exchanged. Where
// the convolution has a stride, the pixels of the result fall into stride² phases (workgroup z) by their remainders: within
// a phase a tap meets all pixels or none, and is skipped.
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

var<workgroup> tileX: array<vec4f, 256>; // [4 groups, 64 pixels]
var<workgroup> tileW: array<vec4f, 256>; // [4 groups, 64 channels]

@compute @workgroup_size(256)
fn convolution(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let phase = vec2i(vec2u(group.z % sizes.phases, group.z / sizes.phases));
  let loaded = min(group.x * 64u + local % 64u, sizes.pixels - 1u); // the pixel that this thread loads
  let position = vec2i(vec2u(loaded % sizes.phaseWidth, (loaded / sizes.phaseWidth) % sizes.phaseHeight));
  let image = (loaded / (sizes.phaseWidth * sizes.phaseHeight)) * sizes.sourceHeight;
  let channel = group.y * 64u + local % 64u; // the output channel that this thread loads
  let quarter = local / 64u;
  let px = (local % 16u) * 4u;
  let ox = (local / 16u) * 4u;
  let o = (group.y * 64u + ox) / 4u;
  let start = select(vec4f(0.0), bias[min(o, arrayLength(&bias) - 1u)], sizes.biased == 1u);
  var acc = array<vec4f, 4>(start, start, start, start); // of 4 pixels, 4 channels each
  let phases = i32(sizes.phases);
  let extent = vec2i(vec2u(sizes.sourceWidth, sizes.sourceHeight));
  for (var tap = 0u; tap < sizes.taps; tap++) {
    let shift = phase + sizes.offset + vec2i(vec2u(tap % sizes.kernelWidth, tap / sizes.kernelWidth)) * sizes.step;
    if (shift.x % phases != 0 || shift.y % phases != 0) { continue; }
    let source = position * sizes.multiplier + shift / phases;
    let inside = all(source >= vec2i(0)) && all(source < extent);
    let pixel = vec2u(max(source, vec2i(0)));
    let base = ((image + pixel.y) * sizes.sourceWidth + pixel.x) * sizes.groups;
    for (var k = 0u; k < sizes.groups; k += 4u) {
      let g = k + quarter;
      tileX[local] = select(vec4f(0.0), x[min(base + g, arrayLength(&x) - 1u)], inside && g < sizes.groups);
      let at = (channel / 16u) * sizes.tileStride + tap * sizes.tapStride + g * sizes.groupStride + (channel % 16u) * sizes.rowStride;
      let known = channel < sizes.channels && g < sizes.groups;
      tileW[local] = select(vec4f(0.0), weights[min(at, arrayLength(&weights) - 1u)], known);
      workgroupBarrier();
      for (var q = 0u; q < 4u; q++) {
        let w0 = tileW[q * 64u + ox];
        let w1 = tileW[q * 64u + ox + 1u];
        let w2 = tileW[q * 64u + ox + 2u];
        let w3 = tileW[q * 64u + ox + 3u];
        for (var i = 0u; i < 4u; i++) {
          let v = tileX[q * 64u + px + i];
          acc[i] += vec4f(dot(v, w0), dot(v, w1), dot(v, w2), dot(v, w3));
        }
      }
      workgroupBarrier();
    }
  }
  for (var i = 0u; i < 4u; i++) {
    let p = group.x * 64u + px + i;
    let column = (p % sizes.phaseWidth) * sizes.phases + u32(phase.x);
    let line = p / sizes.phaseWidth;
    let row = (line % sizes.phaseHeight) * sizes.phases + u32(phase.y);
    if (p < sizes.pixels && column < sizes.width && row < sizes.height && 4u * o < sizes.channels) {
      y[(((line / sizes.phaseHeight) * sizes.height + row) * sizes.width + column) * (sizes.channels / 4u) + o] = acc[i];
    }
  }
}
