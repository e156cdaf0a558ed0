// gradTotals = gradY / divisor, and Σ gradTotals·y, which every element of the mask loses. One workgroup, whose order of
// additions is always the same.
const THREADS: u32 = 256;
struct Sizes { columns: u32 }
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> gradY: array<f32>; // [columns]
@group(0) @binding(2) var<storage, read> y: array<f32>; // [columns]
@group(0) @binding(3) var<storage, read> divisor: array<f32>; // [1]
@group(0) @binding(4) var<storage, read_write> gradTotals: array<f32>; // [columns]
@group(0) @binding(5) var<storage, read_write> along: array<f32>; // [1]

var<workgroup> partial: array<f32, THREADS>;

@compute @workgroup_size(THREADS)
fn maskedMeanGradient(@builtin(local_invocation_index) thread: u32) {
  var total = 0.0;
  for (var c = thread; c < sizes.columns; c += THREADS) {
    let gradient = gradY[c] / divisor[0];
    gradTotals[c] = gradient;
    total += gradient * y[c];
  }
  partial[thread] = total;
  for (var half = THREADS / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (thread < half) { partial[thread] += partial[thread + half]; }
  }
  if (thread == 0u) { along[0] = partial[0]; }
}
