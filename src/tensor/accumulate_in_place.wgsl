// y[i] += x[i]: a further gradient of a parameter. One vec4 a thread. What lies behind x in its last vec4 is left over from
// others, so it is masked: the room between two parameters stays 0, or the gradient's norm would count it.
override threads: u32 = 64;
struct Sizes { count: u32 }
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;
@compute @workgroup_size(threads)
fn accumulateInPlace(@builtin(global_invocation_id) id: vec3u) {
  let i = id.y * (65535u * threads) + id.x;
  if (i >= arrayLength(&y)) { return; }
  let isReal = vec4u(4u * i) + vec4u(0u, 1u, 2u, 3u) < vec4u(sizes.count);
  y[i] += select(vec4f(0.0), x[i], isReal);
}
