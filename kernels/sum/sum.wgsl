// y[o, chunk, i] = sum of x[o, m, i] over the m of that chunk. One thread sums `length` values down one column (of four
// columns where their number allows); long sums take two passes, so that all cores have work and rounding stays small.
override threads: u32 = 64;
override onto: u32 = 0; // 1: added to what y holds
struct Sizes { outer: u32, middle: u32, inner: u32, chunks: u32, length: u32, scale: f32 }
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> x: array<f32>; // [outer, middle, inner]
@group(0) @binding(2) var<storage, read> xWhole: array<vec4f>; // x again
@group(0) @binding(3) var<storage, read_write> y: array<f32>; // [outer, chunks, inner]

fn put(i: u32, total: f32) {
  if (onto == 1u) { y[i] += total; } else { y[i] = total; }
}

// One column; `inner` may be 1.
@compute @workgroup_size(threads)
fn sumColumn(@builtin(global_invocation_id) id: vec3u) {
  let t = id.y * (65535u * threads) + id.x;
  if (t >= sizes.outer * sizes.chunks * sizes.inner) { return; }
  let i = t % sizes.inner;
  let chunk = (t / sizes.inner) % sizes.chunks;
  let o = t / (sizes.inner * sizes.chunks);
  let first = chunk * sizes.length;
  let end = min(first + sizes.length, sizes.middle);
  var total = 0.0;
  for (var m = first; m < end; m++) { total += x[(o * sizes.middle + m) * sizes.inner + i]; }
  put(t, total * sizes.scale);
}

// Four neighbouring columns; `inner` is a multiple of 4.
@compute @workgroup_size(threads)
fn sumFourColumns(@builtin(global_invocation_id) id: vec3u) {
  let t = id.y * (65535u * threads) + id.x;
  let columns = sizes.inner / 4u;
  if (t >= sizes.outer * sizes.chunks * columns) { return; }
  let i = t % columns;
  let chunk = (t / columns) % sizes.chunks;
  let o = t / (columns * sizes.chunks);
  let first = chunk * sizes.length;
  let end = min(first + sizes.length, sizes.middle);
  var total = vec4f(0.0);
  for (var m = first; m < end; m++) { total += xWhole[(o * sizes.middle + m) * columns + i]; }
  total *= sizes.scale;
  for (var k = 0u; k < 4u; k++) { put(4u * t + k, total[k]); }
}

// A contiguous run; `inner` is 1, `middle` and `length` are multiples of 4.
@compute @workgroup_size(threads)
fn sumRun(@builtin(global_invocation_id) id: vec3u) {
  let t = id.y * (65535u * threads) + id.x;
  if (t >= sizes.outer * sizes.chunks) { return; }
  let first = (t % sizes.chunks) * sizes.length;
  let end = min(first + sizes.length, sizes.middle);
  let start = (t / sizes.chunks) * sizes.middle;
  var total = vec4f(0.0);
  for (var m = first; m < end; m += 4u) { total += xWhole[(start + m) / 4u]; }
  put(t, (total.x + total.y + total.z + total.w) * sizes.scale);
}
