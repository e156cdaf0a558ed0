// gradX = sum of gradY over the windows whose maximum lies here. One thread a pixel and channel asks all windows that cover
// it, in row-major order: no atomics, always the same order.
override threads: u32 = 64;
struct Sizes {
  images: u32, height: u32, width: u32, channels: u32, outHeight: u32, outWidth: u32,
  window: u32, stride: u32, padding: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> position: array<u32>; // [images, outHeight, outWidth, channels]
@group(0) @binding(2) var<storage, read> gradY: array<f32>; // as position
@group(0) @binding(3) var<storage, read_write> gradX: array<f32>; // [images, height, width, channels]

// First and last result along an axis whose window covers a shifted coordinate.
fn cover(at: u32, results: u32) -> vec2u {
  let first = select(0u, (at - sizes.window) / sizes.stride + 1u, at >= sizes.window);
  return vec2u(first, min(at / sizes.stride, results - 1u));
}

@compute @workgroup_size(threads)
fn maxPoolGradient(@builtin(global_invocation_id) id: vec3u) {
  let t = id.y * (65535u * threads) + id.x;
  if (t >= sizes.images * sizes.height * sizes.width * sizes.channels) { return; }
  let c = t % sizes.channels;
  let columns = cover((t / sizes.channels) % sizes.width + sizes.padding, sizes.outWidth);
  let rows = cover((t / (sizes.channels * sizes.width)) % sizes.height + sizes.padding, sizes.outHeight);
  let image = t / (sizes.channels * sizes.width * sizes.height);
  var total = 0.0;
  for (var r = rows.x; r <= rows.y; r++) {
    for (var k = columns.x; k <= columns.y; k++) {
      let at = ((image * sizes.outHeight + r) * sizes.outWidth + k) * sizes.channels + c;
      if (position[at] == t) { total += gradY[at]; }
    }
  }
  gradX[t] = total;
}
