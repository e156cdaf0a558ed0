// gradA = gradScore · factor · ∂score/∂a, element by element. One thread an element. The expression is replaced by those of
// the table.
override threads: u32 = 64;
const SMALLEST: f32 = 1.1920929e-7; // float32's epsilon
struct Sizes { count: u32, option: f32 }
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>; // as a
@group(0) @binding(3) var<storage, read> totals: array<f32>; // [8]: score, factor of the gate, nothing, nothing, Σ terms
@group(0) @binding(4) var<storage, read> gradScore: array<f32>; // [1]
@group(0) @binding(5) var<storage, read_write> gradA: array<f32>; // as a

// Of −log clamp(l): none outside of the clamp, whose ends still pass it.
fn surpriseSlope(p: f32, y: f32) -> f32 {
  let l = select(1.0 - p, p, y > 0.5);
  return select(0.0, select(1.0, -1.0, y > 0.5) / l, l >= SMALLEST && l <= 1.0 - SMALLEST);
}
fn weight(y: f32, background: f32) -> f32 { return select(background, 1.0, y > 0.5); }
fn logistic(x: f32) -> f32 { return 1.0 / (1.0 + exp(-x)); }

fn slope(a: f32, b: f32, t: vec4f, option: f32) -> f32 {
  return 0.0;
}

@compute @workgroup_size(threads)
fn scoreGradient(@builtin(global_invocation_id) id: vec3u) {
  let i = id.y * (65535u * threads) + id.x;
  if (i >= sizes.count) { return; }
  let t = vec4f(totals[4], totals[5], totals[6], totals[7]);
  gradA[i] = gradScore[0] * totals[1] * slope(a[i], b[i], t, sizes.option);
}
