// A number from two maps, score(Σ terms(a, b)), and its gradient. One workgroup sums, always in the same order: one dispatch
// in the place of ten, for maps of an image's size at most. The expressions are replaced by those of the table.
const THREADS: u32 = 256;
const SMALLEST: f32 = 1.1920929e-7; // float32's epsilon
override gated: u32 = 0; // 1: the score is 0 where the gate's elements sum up to nothing
struct Sizes { count: u32, gateCount: u32, option: f32 }
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>; // as a
@group(0) @binding(3) var<storage, read> gate: array<f32>;
@group(0) @binding(4) var<storage, read_write> totals: array<f32>; // [8]: score, factor of the gate, nothing, nothing, Σ terms

var<workgroup> partial: array<vec4f, THREADS>;
var<workgroup> partialGate: array<f32, THREADS>;

// −log of the probability of what is, within float32's reach.
fn likelihood(p: f32, y: f32) -> f32 { return select(1.0 - p, p, y > 0.5); }
fn surprise(p: f32, y: f32) -> f32 { return -log(clamp(likelihood(p, y), SMALLEST, 1.0 - SMALLEST)); }
fn weight(y: f32, background: f32) -> f32 { return select(background, 1.0, y > 0.5); }
fn logistic(x: f32) -> f32 { return 1.0 / (1.0 + exp(-x)); }

fn terms(a: f32, b: f32, option: f32) -> vec4f {
  return vec4f(a);
}
fn value(t: vec4f) -> f32 {
  return t.x;
}

@compute @workgroup_size(THREADS)
fn score(@builtin(local_invocation_index) thread: u32) {
  var total = vec4f(0.0);
  for (var i = thread; i < sizes.count; i += THREADS) { total += terms(a[i], b[i], sizes.option); }
  partial[thread] = total;
  if (gated == 1u) {
    var open = 0.0;
    for (var i = thread; i < sizes.gateCount; i += THREADS) { open += gate[i]; }
    partialGate[thread] = open;
  }
  for (var half = THREADS / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (thread < half) {
      partial[thread] += partial[thread + half];
      if (gated == 1u) { partialGate[thread] += partialGate[thread + half]; }
    }
  }
  if (thread > 0u) { return; }
  let t = partial[0];
  var factor = 1.0;
  if (gated == 1u) { factor = select(0.0, 1.0, partialGate[0] > 0.5); }
  totals[0] = factor * value(t);
  totals[1] = factor;
  for (var k = 0u; k < 4u; k++) { totals[4u + k] = t[k]; }
}
