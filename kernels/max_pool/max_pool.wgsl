// y = maximum of a window, channels-last, and the place in x where it was first reached in row-major order. Outside of the
// image nothing is larger. One thread a result.
override threads: u32 = 64;
struct Sizes {
  images: u32, height: u32, width: u32, channels: u32, outHeight: u32, outWidth: u32,
  window: u32, stride: u32, padding: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> x: array<f32>; // [images, height, width, channels]
@group(0) @binding(2) var<storage, read_write> y: array<f32>; // [images, outHeight, outWidth, channels]
@group(0) @binding(3) var<storage, read_write> position: array<u32>; // as y, index into x

@compute @workgroup_size(threads)
fn maxPool(@builtin(global_invocation_id) id: vec3u) {
  let t = id.y * (65535u * threads) + id.x;
  if (t >= sizes.images * sizes.outHeight * sizes.outWidth * sizes.channels) { return; }
  let c = t % sizes.channels;
  let column = (t / sizes.channels) % sizes.outWidth * sizes.stride;
  let row = (t / (sizes.channels * sizes.outWidth)) % sizes.outHeight * sizes.stride;
  let image = t / (sizes.channels * sizes.outWidth * sizes.outHeight);
  var largest = -3.4e38;
  var found = 0u;
  // coordinates are shifted by the padding, so that they stay unsigned
  let lastRow = min(row + sizes.window, sizes.height + sizes.padding);
  let lastColumn = min(column + sizes.window, sizes.width + sizes.padding);
  for (var r = max(row, sizes.padding); r < lastRow; r++) {
    for (var k = max(column, sizes.padding); k < lastColumn; k++) {
      let at = ((image * sizes.height + r - sizes.padding) * sizes.width + k - sizes.padding) * sizes.channels + c;
      if (x[at] > largest) { largest = x[at]; found = at; }
    }
  }
  y[t] = largest;
  position[t] = found;
}
