// partials[chunk, tap, o, c] = sum over the pixels p of that chunk of gradY[p, o] · x[source(p, tap), c]. A workgroup computes
// 64 output × 64 input channels of one tap over one chunk, a thread 4 × 4; 16 pixels of both operands at a time lie in
// workgroup memory. Chunks keep a large GPU busy where the weights are few, and are summed afterwards.
struct Sizes {
  pixels: u32, width: u32, height: u32, // of gradY, pixels = N · height · width
  sourceWidth: u32, sourceHeight: u32,
  outGroups: u32, inGroups: u32, // channels / 4
  kernelWidth: u32, taps: u32,
  stride: i32, padding: i32, dilation: i32,
  length: u32, chunks: u32, // pixels of a chunk
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> x: array<vec4f>; // [N · sourceHeight · sourceWidth, inGroups]
@group(0) @binding(2) var<storage, read> gradY: array<vec4f>; // [pixels, outGroups]
@group(0) @binding(3) var<storage, read_write> partials: array<vec4f>; // [chunks, taps, 4 · outGroups, inGroups]

var<workgroup> tileX: array<vec4f, 256>; // [16 pixels, 16 groups]
var<workgroup> tileG: array<vec4f, 256>; // [16 pixels, 16 groups]

@compute @workgroup_size(256)
fn weightGradient(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let tap = group.z % sizes.taps;
  let chunk = group.z / sizes.taps;
  let first = chunk * sizes.length;
  let end = min(first + sizes.length, sizes.pixels);
  let loadedGroup = local % 16u;
  let loadedPixel = local / 16u;
  let cx = group.x * 16u + loadedGroup;
  let cg = group.y * 16u + loadedGroup;
  let mine = vec2u(local % 16u, local / 16u); // group of input channels, group of output channels
  var acc: array<vec4f, 4>; // of 4 output channels, 4 input channels each
  for (var start = first; start < end; start += 16u) {
    let p = start + loadedPixel;
    let column = i32(p % sizes.width);
    let row = i32((p / sizes.width) % sizes.height);
    let sx = column * sizes.stride + i32(tap % sizes.kernelWidth) * sizes.dilation - sizes.padding;
    let sy = row * sizes.stride + i32(tap / sizes.kernelWidth) * sizes.dilation - sizes.padding;
    let image = p / (sizes.width * sizes.height);
    let valid = p < end;
    let inside = valid && sx >= 0 && sy >= 0 && sx < i32(sizes.sourceWidth) && sy < i32(sizes.sourceHeight);
    let source = ((image * sizes.sourceHeight + u32(max(sy, 0))) * sizes.sourceWidth + u32(max(sx, 0))) * sizes.inGroups + cx;
    tileX[local] = select(vec4f(0.0), x[min(source, arrayLength(&x) - 1u)], inside && cx < sizes.inGroups);
    let at = min(p * sizes.outGroups + cg, arrayLength(&gradY) - 1u);
    tileG[local] = select(vec4f(0.0), gradY[at], valid && cg < sizes.outGroups);
    workgroupBarrier();
    for (var q = 0u; q < 16u; q++) {
      let v = tileX[q * 16u + mine.x];
      let g = tileG[q * 16u + mine.y];
      acc[0] += g.x * v;
      acc[1] += g.y * v;
      acc[2] += g.z * v;
      acc[3] += g.w * v;
    }
    workgroupBarrier();
  }
  let c = group.x * 16u + mine.x;
  let o = group.y * 16u + mine.y;
  if (c >= sizes.inGroups || o >= sizes.outGroups) { return; }
  for (var i = 0u; i < 4u; i++) {
    partials[(((chunk * sizes.taps + tap) * sizes.outGroups + o) * 4u + i) * sizes.inGroups + c] = acc[i];
  }
}
