// y[r, l] = bias + sum over t of w[r, t]·x[r, l + (t − middle)·dilation], zero outside. One thread an element. `forwards` is
// 1, or -1 for the transpose, which is the gradient of x. With one row of weights all rows share it.
override threads: u32 = 64;
struct Sizes { rows: u32, length: u32, taps: u32, dilation: i32, forwards: i32, weightRows: u32, biasRows: u32 }
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> x: array<f32>; // [rows, length]
@group(0) @binding(2) var<storage, read> weight: array<f32>; // [weightRows, taps]
@group(0) @binding(3) var<storage, read> bias: array<f32>; // [biasRows], none if 0
@group(0) @binding(4) var<storage, read_write> y: array<f32>; // [rows, length]

@compute @workgroup_size(threads)
fn rowConvolution(@builtin(global_invocation_id) id: vec3u) {
  let i = id.y * (65535u * threads) + id.x;
  if (i >= sizes.rows * sizes.length) { return; }
  let r = i / sizes.length;
  let l = i32(i % sizes.length);
  var total = 0.0;
  if (sizes.biasRows > 0u) { total = bias[r % sizes.biasRows]; }
  let middle = i32(sizes.taps / 2u);
  for (var t = 0u; t < sizes.taps; t++) {
    let at = l + (i32(t) - middle) * sizes.dilation * sizes.forwards;
    if (at >= 0 && at < i32(sizes.length)) {
      total += weight[(r % sizes.weightRows) * sizes.taps + t] * x[r * sizes.length + u32(at)];
    }
  }
  y[i] = total;
}
