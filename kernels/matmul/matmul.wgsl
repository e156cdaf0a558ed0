// y[chunk, b, m, n] = bias[n] + sum over that chunk's k of A[b, m, k] · B[b, k, n], both given by strides, so that transposes
// need no copy. A thread computes 4 × 4 results in registers; the matrices are small (windows of attention, prototypes,
// the gate). Chunks of k make threads enough where the result is small and k long, and are summed afterwards.
override threads: u32 = 64;
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

@compute @workgroup_size(threads)
fn matmul(@builtin(global_invocation_id) id: vec3u) {
  let t = id.y * (65535u * threads) + id.x;
  let rows = (sizes.m + 3u) / 4u;
  let columns = (sizes.n + 3u) / 4u;
  if (t >= sizes.chunks * sizes.batch * rows * columns) { return; }
  let n = (t % columns) * 4u;
  let m = ((t / columns) % rows) * 4u;
  let slab = t / (columns * rows); // chunk · batch + b
  let chunk = slab / sizes.batch;
  let batch = slab - chunk * sizes.batch;
  // Rows and columns beyond the last repeat it and are not written.
  let aStart = batch * sizes.aBatch;
  let a0 = aStart + m * sizes.aRow;
  let a1 = aStart + min(m + 1u, sizes.m - 1u) * sizes.aRow;
  let a2 = aStart + min(m + 2u, sizes.m - 1u) * sizes.aRow;
  let a3 = aStart + min(m + 3u, sizes.m - 1u) * sizes.aRow;
  let bStart = batch * sizes.bBatch;
  let c = min(vec4u(n, n + 1u, n + 2u, n + 3u), vec4u(sizes.n - 1u));
  let at = bStart + c * sizes.bColumn;
  var start = vec4f(0.0);
  if (sizes.biased == 1u) { start = vec4f(bias[c.x], bias[c.y], bias[c.z], bias[c.w]); }
  var y0 = start; var y1 = start; var y2 = start; var y3 = start;
  let end = min((chunk + 1u) * sizes.length, sizes.k);
  for (var k = chunk * sizes.length; k < end; k++) {
    let ak = k * sizes.aInner;
    let bk = at + k * sizes.bInner;
    let v = vec4f(b[bk.x], b[bk.y], b[bk.z], b[bk.w]);
    y0 = fma(vec4f(a[a0 + ak]), v, y0);
    y1 = fma(vec4f(a[a1 + ak]), v, y1);
    y2 = fma(vec4f(a[a2 + ak]), v, y2);
    y3 = fma(vec4f(a[a3 + ak]), v, y3);
  }
  store(slab, m, n, y0);
  store(slab, m + 1u, n, y1);
  store(slab, m + 2u, n, y2);
  store(slab, m + 3u, n, y3);
}

fn store(slab: u32, m: u32, n: u32, value: vec4f) {
  if (m >= sizes.m) { return; }
  let at = (slab * sizes.m + m) * sizes.n + n;
  y[at] = value.x;
  if (n + 1u < sizes.n) { y[at + 1u] = value.y; }
  if (n + 2u < sizes.n) { y[at + 2u] = value.z; }
  if (n + 3u < sizes.n) { y[at + 3u] = value.w; }
}
