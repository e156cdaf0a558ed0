// y[chunk, b, m, n] = bias[n] + sum over that chunk's k of A[b, m, k] · B[b, k, n], both given by strides, so that transposes
// need no copy. A thread computes 8 × 4 results; the operands come from textures, where an element is a part of a
// texel: picking it costs far less than a load from a buffer. Chunks of k make threads enough where the result is small
// and k long, and are summed afterwards.
override threads: u32 = 8;
struct Sizes {
  batch: u32, m: u32, n: u32, k: u32,
  aBatch: u32, aRow: u32, aInner: u32,
  bBatch: u32, bInner: u32, bColumn: u32,
  length: u32, chunks: u32, biased: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>; // [n], not looked at unless biased
@group(0) @binding(4) var<storage, read_write> y: array<f32>; // [chunks, batch, m, n]

// Integer division on SIMD lanes goes lane by lane, 200 cycles; by floats it costs 10.
fn divide(a: u32, b: u32) -> u32 {
  let q = u32(f32(a) / f32(b));
  let rest = i32(a - q * b); // rounding leaves q at most one off
  return select(select(q, q + 1u, rest >= i32(b)), q - 1u, rest < 0);
}

@compute @workgroup_size(threads)
fn matmul(@builtin(global_invocation_id) id: vec3u) {
  let t = id.y * (65535u * threads) + id.x;
  let rows = (sizes.m + 7u) / 8u;
  let columns = (sizes.n + 3u) / 4u;
  if (t >= sizes.chunks * sizes.batch * rows * columns) { return; }
  let tiles = divide(t, columns);
  let n = (t - tiles * columns) * 4u;
  let slab = divide(tiles, rows); // chunk · batch + b
  let m = (tiles - slab * rows) * 8u;
  let chunk = divide(slab, sizes.batch);
  let batch = slab - chunk * sizes.batch;
  // Rows and columns beyond the last repeat it and are not written.
  let aStart = batch * sizes.aBatch;
  let last = sizes.m - 1u;
  let low = aStart + min(vec4u(m, m + 1u, m + 2u, m + 3u), vec4u(last)) * sizes.aRow;
  let high = aStart + min(vec4u(m + 4u, m + 5u, m + 6u, m + 7u), vec4u(last)) * sizes.aRow;
  let c = min(vec4u(n, n + 1u, n + 2u, n + 3u), vec4u(sizes.n - 1u));
  let at = batch * sizes.bBatch + c * sizes.bColumn;
  var start = vec4f(0.0);
  if (sizes.biased == 1u) { start = vec4f(bias[c.x], bias[c.y], bias[c.z], bias[c.w]); }
  var y0 = start; var y1 = start; var y2 = start; var y3 = start;
  var y4 = start; var y5 = start; var y6 = start; var y7 = start;
  let end = min((chunk + 1u) * sizes.length, sizes.k);
  for (var k = chunk * sizes.length; k < end; k++) {
    let ak = k * sizes.aInner;
    let bk = at + k * sizes.bInner;
    let v = vec4f(b[bk.x], b[bk.y], b[bk.z], b[bk.w]);
    y0 = fma(vec4f(a[low.x + ak]), v, y0);
    y1 = fma(vec4f(a[low.y + ak]), v, y1);
    y2 = fma(vec4f(a[low.z + ak]), v, y2);
    y3 = fma(vec4f(a[low.w + ak]), v, y3);
    y4 = fma(vec4f(a[high.x + ak]), v, y4);
    y5 = fma(vec4f(a[high.y + ak]), v, y5);
    y6 = fma(vec4f(a[high.z + ak]), v, y6);
    y7 = fma(vec4f(a[high.w + ak]), v, y7);
  }
  store(slab, m, n, y0);
  store(slab, m + 1u, n, y1);
  store(slab, m + 2u, n, y2);
  store(slab, m + 3u, n, y3);
  store(slab, m + 4u, n, y4);
  store(slab, m + 5u, n, y5);
  store(slab, m + 6u, n, y6);
  store(slab, m + 7u, n, y7);
}

fn store(slab: u32, m: u32, n: u32, value: vec4f) {
  if (m >= sizes.m) { return; }
  let at = (slab * sizes.m + m) * sizes.n + n;
  y[at] = value.x;
  if (n + 1u < sizes.n) { y[at + 1u] = value.y; }
  if (n + 2u < sizes.n) { y[at + 2u] = value.z; }
  if (n + 3u < sizes.n) { y[at + 3u] = value.w; }
}
