// y = totals / (Σ mask + ε). One workgroup, whose order of additions is always the same.
const THREADS: u32 = 256;
struct Sizes { rows: u32, columns: u32, epsilon: f32 }
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> mask: array<f32>; // [rows]
@group(0) @binding(2) var<storage, read> totals: array<f32>; // [columns]
@group(0) @binding(3) var<storage, read_write> y: array<f32>; // [columns]
@group(0) @binding(4) var<storage, read_write> divisor: array<f32>; // [1]

var<workgroup> partial: array<f32, THREADS>;

@compute @workgroup_size(THREADS)
fn maskedMean(@builtin(local_invocation_index) thread: u32) {
  var total = 0.0;
  for (var r = thread; r < sizes.rows; r += THREADS) { total += mask[r]; }
  partial[thread] = total;
  for (var half = THREADS / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (thread < half) { partial[thread] += partial[thread + half]; }
  }
  workgroupBarrier();
  let all = partial[0] + sizes.epsilon;
  for (var c = thread; c < sizes.columns; c += THREADS) { y[c] = totals[c] / all; }
  if (thread == 0u) { divisor[0] = all; }
}
