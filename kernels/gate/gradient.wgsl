// The gradients of y = z·u + (1 − z)·v + u with z = 1 / (1 + e^−logit), element by element. One vec4 a thread.
override threads: u32 = 64;
@group(0) @binding(0) var<storage, read> logit: array<vec4f>;
@group(0) @binding(1) var<storage, read> u: array<vec4f>;
@group(0) @binding(2) var<storage, read> v: array<vec4f>;
@group(0) @binding(3) var<storage, read> gradY: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> gradLogit: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> gradU: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> gradV: array<vec4f>;

@compute @workgroup_size(threads)
fn gateGradient(@builtin(global_invocation_id) id: vec3u) {
  let i = id.y * (65535u * threads) + id.x;
  if (i >= arrayLength(&gradU)) { return; }
  let z = 1.0 / (1.0 + exp(-logit[i]));
  gradLogit[i] = gradY[i] * (u[i] - v[i]) * z * (1.0 - z);
  gradU[i] = gradY[i] * (1.0 + z);
  gradV[i] = gradY[i] * (1.0 - z);
}
