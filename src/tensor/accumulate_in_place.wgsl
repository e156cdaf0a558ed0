// y[i] += x[i]: a further gradient of a parameter. One vec4 a thread.
override threads: u32 = 64;
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;
@compute @workgroup_size(threads)
fn accumulateInPlace(@builtin(global_invocation_id) id: vec3u) {
  let i = id.y * (65535u * threads) + id.x;
  if (i < arrayLength(&y)) { y[i] += x[i]; }
}
