// y = r·((x − lowest + 1e-5)/r)^exponent + lowest with r = highest − lowest + 1e-5. One element a thread.
override threads: u32 = 64;
struct Options { count: u32 }
@group(0) @binding(0) var<uniform> options: Options;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> extent: array<f32>; // [2]: lowest, highest
@group(0) @binding(3) var<storage, read> exponent: array<f32>; // [1]: a number of every episode of its own, so no uniform
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(threads)
fn gamma(@builtin(global_invocation_id) id: vec3u) {
  let i = id.y * (65535u * threads) + id.x;
  if (i >= options.count) { return; }
  let lowest = extent[0];
  let r = extent[1] - lowest + 1e-5;
  y[i] = r * pow((x[i] - lowest + 1e-5) / r, exponent[0]) + lowest;
}
