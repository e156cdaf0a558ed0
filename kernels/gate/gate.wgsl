// y = z·u + (1 − z)·v + u with z = 1 / (1 + e^−logit), element by element. One vec4 a thread.
override threads: u32 = 64;
@group(0) @binding(0) var<storage, read> logit: array<vec4f>;
@group(0) @binding(1) var<storage, read> u: array<vec4f>;
@group(0) @binding(2) var<storage, read> v: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(threads)
fn gate(@builtin(global_invocation_id) id: vec3u) {
  let i = id.y * (65535u * threads) + id.x;
  if (i >= arrayLength(&y)) { return; }
  let z = 1.0 / (1.0 + exp(-logit[i]));
  y[i] = z * (u[i] - v[i]) + v[i] + u[i];
}
