// One minus the mean F-score of both channels, precision P = Σ reach(hard)·soft / Σ soft and recall R = Σ reach(soft)·hard /
// Σ hard, and its derivatives by the sums. One workgroup, whose order of additions is always the same.
const THREADS: u32 = 256;
const EPSILON: f32 = 1e-7;
struct Sizes { count: u32 }
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> edges: array<vec4f>; // [pixels]: soft of either channel, hard of either
@group(0) @binding(2) var<storage, read> reach: array<vec4f>; // as edges
@group(0) @binding(3) var<storage, read_write> totals: array<f32>; // [8]: loss, nothing; of either channel P, ∂/∂P / Σ soft, ∂/∂R / Σ hard

var<workgroup> products: array<vec4f, THREADS>; // with soft of either channel, with hard of either
var<workgroup> masks: array<vec4f, THREADS>;

@compute @workgroup_size(THREADS)
fn boundaryScore(@builtin(local_invocation_index) thread: u32) {
  var product = vec4f(0.0);
  var mask = vec4f(0.0);
  for (var i = thread; i < sizes.count; i += THREADS) {
    let edge = edges[i];
    product += reach[i].zwxy * edge;
    mask += edge;
  }
  products[thread] = product;
  masks[thread] = mask;
  for (var half = THREADS / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (thread < half) {
      products[thread] += products[thread + half];
      masks[thread] += masks[thread + half];
    }
  }
  if (thread > 0u) { return; }
  let divisors = masks[0] + EPSILON;
  let shares = products[0] / divisors;
  let shareOfSoft = shares.xy;
  let shareOfHard = shares.zw;
  let both = shareOfSoft + shareOfHard + EPSILON;
  let scores = 1.0 - 2.0 * shareOfSoft * shareOfHard / both;
  let byPrecision = -shareOfHard * (shareOfHard + EPSILON) / (both * both) / divisors.xy;
  let byRecall = -shareOfSoft * (shareOfSoft + EPSILON) / (both * both) / divisors.zw;
  totals[0] = 0.5 * (scores.x + scores.y);
  for (var c = 0u; c < 2u; c++) {
    totals[2u + c] = shareOfSoft[c];
    totals[4u + c] = byPrecision[c];
    totals[6u + c] = byRecall[c];
  }
}
