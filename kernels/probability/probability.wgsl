// y = 1 / (1 + e^−(scale·x + threshold/2)), element by element. One thread an element.
override threads: u32 = 64;
struct Sizes { count: u32, scale: f32 }
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> threshold: array<f32>; // [1]
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(threads)
fn probability(@builtin(global_invocation_id) id: vec3u) {
  let i = id.y * (65535u * threads) + id.x;
  if (i < sizes.count) { y[i] = 1.0 / (1.0 + exp(-(sizes.scale * x[i] + 0.5 * threshold[0]))); }
}
