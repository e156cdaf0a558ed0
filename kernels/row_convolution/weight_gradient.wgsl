// gradW[r, t] = sum over l of gradY[r, l]·x[r, l + (t − middle)·dilation]. One thread a tap of a row.
override threads: u32 = 64;
struct Sizes { rows: u32, length: u32, taps: u32, dilation: i32 }
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> x: array<f32>; // [rows, length]
@group(0) @binding(2) var<storage, read> gradY: array<f32>; // [rows, length]
@group(0) @binding(3) var<storage, read_write> gradW: array<f32>; // [rows, taps]

@compute @workgroup_size(threads)
fn rowWeightGradient(@builtin(global_invocation_id) id: vec3u) {
  let i = id.y * (65535u * threads) + id.x;
  if (i >= sizes.rows * sizes.taps) { return; }
  let r = i / sizes.taps;
  let shift = (i32(i % sizes.taps) - i32(sizes.taps / 2u)) * sizes.dilation;
  let first = max(0, -shift);
  let end = min(i32(sizes.length), i32(sizes.length) - shift);
  var total = 0.0;
  for (var l = first; l < end; l++) {
    total += gradY[r * sizes.length + u32(l)] * x[r * sizes.length + u32(l + shift)];
  }
  gradW[i] = total;
}
