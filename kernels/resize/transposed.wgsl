// The transpose of the bilinear resampling: x[i] = sum over the results d of weight(d, i)·y[d]. One thread a source pixel and
// channel visits the results that may read it, in order: no atomics.
override threads: u32 = 64;
struct Sizes { images: u32, height: u32, width: u32, channels: u32, outHeight: u32, outWidth: u32, corners: u32 }
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> y: array<f32>; // [images, outHeight, outWidth, channels]
@group(0) @binding(2) var<storage, read_write> x: array<f32>; // [images, height, width, channels]

// Weight of source i in result d.
fn weight(d: u32, i: u32, n: u32, out: u32) -> f32 {
  var numerator = max(i32((2u * d + 1u) * n) - i32(out), 0);
  var denominator = i32(2u * out);
  if (sizes.corners == 1u) {
    numerator = i32(d * (n - 1u));
    denominator = i32(max(out - 1u, 1u));
  }
  let low = numerator / denominator;
  let share = f32(numerator - low * denominator) / f32(denominator);
  let high = min(low + 1, i32(n) - 1);
  return select(0.0, 1.0 - share, low == i32(i)) + select(0.0, share, high == i32(i));
}

// First and last result that may read source i, with one to spare on both sides.
fn reach(i: u32, n: u32, out: u32) -> vec2u {
  let ratio = f32(out) / f32(n);
  let wide = select(ratio, f32(max(out, 2u) - 1u) / f32(max(n, 2u) - 1u), sizes.corners == 1u);
  let first = i32(floor((f32(i) - 1.0) * wide)) - 2;
  let last = i32(ceil((f32(i) + 2.0) * wide)) + 2;
  return vec2u(u32(max(first, 0)), u32(clamp(last, 0, i32(out) - 1)));
}

@compute @workgroup_size(threads)
fn resizeTransposed(@builtin(global_invocation_id) id: vec3u) {
  let t = id.y * (65535u * threads) + id.x;
  if (t >= sizes.images * sizes.height * sizes.width * sizes.channels) { return; }
  let c = t % sizes.channels;
  let column = (t / sizes.channels) % sizes.width;
  let row = (t / (sizes.channels * sizes.width)) % sizes.height;
  let image = t / (sizes.channels * sizes.width * sizes.height);
  let columns = reach(column, sizes.width, sizes.outWidth);
  let rows = reach(row, sizes.height, sizes.outHeight);
  var total = 0.0;
  for (var r = rows.x; r <= rows.y; r++) {
    let vertical = weight(r, row, sizes.height, sizes.outHeight);
    if (vertical == 0.0) { continue; }
    var line = 0.0;
    for (var k = columns.x; k <= columns.y; k++) {
      let horizontal = weight(k, column, sizes.width, sizes.outWidth);
      line += horizontal * y[((image * sizes.outHeight + r) * sizes.outWidth + k) * sizes.channels + c];
    }
    total += vertical * line;
  }
  x[t] = total;
}
