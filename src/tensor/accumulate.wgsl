// y[i] = a[i] + b[i]: the sum of two gradients. One vec4 a thread (llvmpipe: a scalar a thread takes twice as long).
override threads: u32 = 64;
@group(0) @binding(0) var<storage, read> a: array<vec4f>;
@group(0) @binding(1) var<storage, read> b: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;
@compute @workgroup_size(threads)
fn accumulate(@builtin(global_invocation_id) id: vec3u) {
  let i = id.y * (65535u * threads) + id.x;
  if (i < arrayLength(&y)) { y[i] = a[i] + b[i]; }
}
