// y = (x - mean)·inverse·weight + bias (+ residual), then ReLU if asked for. One vec4 a thread.
override threads: u32 = 64;
struct Sizes { groups: u32, residual: u32, relu: u32 }
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> x: array<vec4f>; // [rows, groups]
@group(0) @binding(2) var<storage, read> norm: array<vec4f>; // [4, groups]: mean, inverse, inverse·weight, bias
@group(0) @binding(3) var<storage, read> residual: array<vec4f>; // [rows, groups]
@group(0) @binding(4) var<storage, read_write> y: array<vec4f>; // [rows, groups]

@compute @workgroup_size(threads)
fn batchNormApply(@builtin(global_invocation_id) id: vec3u) {
  let i = id.y * (65535u * threads) + id.x;
  if (i >= arrayLength(&y)) { return; }
  let c = i % sizes.groups;
  var value = (x[i] - norm[c]) * norm[2u * sizes.groups + c] + norm[3u * sizes.groups + c];
  if (sizes.residual == 1u) { value += residual[i]; }
  if (sizes.relu == 1u) { value = max(value, vec4f(0.0)); }
  y[i] = value;
}
