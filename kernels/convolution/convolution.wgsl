// y[p, o] = sum over taps and channels of x[source(p, tap), c] · w[o, tap, c], channels-last. A workgroup computes 64 pixels
// × 64 output channels, a thread 4 × 4 of them; 4 groups of 4 channels of both operands at a time lie in workgroup memory,
// so that every load from a buffer serves 64 results. The data gradient is the same sum with out and in exchanged:
// `multiplier`, `offset`, `step`, `divisor` place the taps.
struct Sizes {
  pixels: u32, width: u32, height: u32, // of the result, pixels = N · height · width
  sourceWidth: u32, sourceHeight: u32,
  groups: u32, // input channels / 4
  channels: u32, // of the result
  kernelWidth: u32, taps: u32,
  multiplier: i32, offset: i32, step: i32, divisor: i32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> x: array<vec4f>; // [N · sourceHeight · sourceWidth, groups]
@group(0) @binding(2) var<storage, read> weights: array<vec4f>; // [tiles of 16, taps, groups, 16]
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>; // [pixels, channels / 4]

var<workgroup> tileX: array<vec4f, 256>; // [4 groups, 64 pixels]
var<workgroup> tileW: array<vec4f, 256>; // [4 groups, 64 channels]

fn place(position: u32, tap: u32, extent: u32) -> i32 {
  let scaled = i32(position) * sizes.multiplier + sizes.offset + i32(tap) * sizes.step;
  let source = scaled / sizes.divisor;
  return select(-1, source, scaled >= 0 && source * sizes.divisor == scaled && source < i32(extent));
}

@compute @workgroup_size(256)
fn convolution(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let loaded = min(group.x * 64u + local % 64u, sizes.pixels - 1u); // the pixel that this thread loads
  let column = loaded % sizes.width;
  let row = (loaded / sizes.width) % sizes.height;
  let image = (loaded / (sizes.width * sizes.height)) * sizes.sourceHeight;
  let channel = group.y * 64u + local % 64u; // the output channel that this thread loads
  let quarter = local / 64u;
  let px = (local % 16u) * 4u;
  let ox = (local / 16u) * 4u;
  let tiles = (sizes.channels + 15u) / 16u;
  var acc: array<vec4f, 4>; // of 4 pixels, 4 channels each
  for (var tap = 0u; tap < sizes.taps; tap++) {
    let sx = place(column, tap % sizes.kernelWidth, sizes.sourceWidth);
    let sy = place(row, tap / sizes.kernelWidth, sizes.sourceHeight);
    let inside = sx >= 0 && sy >= 0;
    let base = ((image + u32(max(sy, 0))) * sizes.sourceWidth + u32(max(sx, 0))) * sizes.groups;
    for (var k = 0u; k < sizes.groups; k += 4u) {
      let g = k + quarter;
      tileX[local] = select(vec4f(0.0), x[min(base + g, arrayLength(&x) - 1u)], inside && g < sizes.groups);
      let at = (((channel / 16u) * sizes.taps + tap) * sizes.groups + g) * 16u + channel % 16u;
      tileW[local] = select(vec4f(0.0), weights[min(at, arrayLength(&weights) - 1u)], channel / 16u < tiles && g < sizes.groups);
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
  let o = (group.y * 64u + ox) / 4u;
  for (var i = 0u; i < 4u; i++) {
    let p = group.x * 64u + px + i;
    if (p < sizes.pixels && 4u * o < sizes.channels) { y[p * (sizes.channels / 4u) + o] = acc[i]; }
  }
}
