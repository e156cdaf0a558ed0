// y[b, m, n] = sum over k of A[b, m, k] · B[b, k, n], both given by strides, so that transposes need no copy. A thread
// computes 4 × 4 results in registers; the matrices are small (windows of attention, prototypes, the gate).
override threads: u32 = 64;
struct Sizes {
  batch: u32, m: u32, n: u32, k: u32,
  aBatch: u32, aRow: u32, aInner: u32,
  bBatch: u32, bInner: u32, bColumn: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>; // [batch, m, n]

@compute @workgroup_size(threads)
fn matmul(@builtin(global_invocation_id) id: vec3u) {
  let t = id.y * (65535u * threads) + id.x;
  let rows = (sizes.m + 3u) / 4u;
  let columns = (sizes.n + 3u) / 4u;
  if (t >= sizes.batch * rows * columns) { return; }
  let n = (t % columns) * 4u;
  let m = ((t / columns) % rows) * 4u;
  let batch = t / (columns * rows);
  // Rows and columns beyond the last repeat it and are not written.
  let aStart = batch * sizes.aBatch;
  let a0 = aStart + m * sizes.aRow;
  let a1 = aStart + min(m + 1u, sizes.m - 1u) * sizes.aRow;
  let a2 = aStart + min(m + 2u, sizes.m - 1u) * sizes.aRow;
  let a3 = aStart + min(m + 3u, sizes.m - 1u) * sizes.aRow;
  let bStart = batch * sizes.bBatch;
  let b0 = bStart + n * sizes.bColumn;
  let b1 = bStart + min(n + 1u, sizes.n - 1u) * sizes.bColumn;
  let b2 = bStart + min(n + 2u, sizes.n - 1u) * sizes.bColumn;
  let b3 = bStart + min(n + 3u, sizes.n - 1u) * sizes.bColumn;
  var y0 = vec4f(0.0); var y1 = vec4f(0.0); var y2 = vec4f(0.0); var y3 = vec4f(0.0);
  for (var k = 0u; k < sizes.k; k++) {
    let ak = k * sizes.aInner;
    let bk = k * sizes.bInner;
    let v = vec4f(b[b0 + bk], b[b1 + bk], b[b2 + bk], b[b3 + bk]);
    y0 = fma(vec4f(a[a0 + ak]), v, y0);
    y1 = fma(vec4f(a[a1 + ak]), v, y1);
    y2 = fma(vec4f(a[a2 + ak]), v, y2);
    y3 = fma(vec4f(a[a3 + ak]), v, y3);
  }
  let result = array<vec4f, 4>(y0, y1, y2, y3);
  for (var i = 0u; i < 4u; i++) {
    if (m + i >= sizes.m) { break; }
    let at = (batch * sizes.m + m + i) * sizes.n + n;
    for (var j = 0u; j < 4u; j++) {
      if (n + j < sizes.n) { y[at + j] = result[i][j]; }
    }
  }
}
