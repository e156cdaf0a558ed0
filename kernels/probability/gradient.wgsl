// gradX = scale·gradY·y·(1 − y) and gradThreshold = Σ gradY·y·(1 − y) / 2. One workgroup, whose order of additions is always
// the same: a feature map has some thousand pixels.
const THREADS: u32 = 256;
struct Sizes { count: u32, scale: f32 }
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> y: array<f32>;
@group(0) @binding(2) var<storage, read> gradY: array<f32>; // as y
@group(0) @binding(3) var<storage, read_write> gradX: array<f32>; // as y
@group(0) @binding(4) var<storage, read_write> gradThreshold: array<f32>; // [1]

var<workgroup> partial: array<f32, THREADS>;

@compute @workgroup_size(THREADS)
fn probabilityGradient(@builtin(local_invocation_index) thread: u32) {
  var total = 0.0;
  for (var i = thread; i < sizes.count; i += THREADS) {
    let slope = gradY[i] * y[i] * (1.0 - y[i]);
    gradX[i] = sizes.scale * slope;
    total += slope;
  }
  partial[thread] = total;
  for (var half = THREADS / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (thread < half) { partial[thread] += partial[thread + half]; }
  }
  if (thread == 0u) { gradThreshold[0] = 0.5 * partial[0]; }
}
